resource "terraform_data" "a" { input = [local.x, var.y, terraform_data.z.id, module.m.o, data.foo.bar.id, each.key, count.index, path.nope, terraform.nope] }
