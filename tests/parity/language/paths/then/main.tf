output "p" { value = [path.module, path.root, terraform.workspace, basename(path.cwd)] }
output "f" { value = [file("${path.module}/x.txt"), fileexists("nope"), sort(fileset(path.module, "*.txt")), templatefile("${path.module}/t.txt", { n = 2, l = ["a"] }), filesha256("x.txt")] }
