output "a" { value = 1 + "x" }
output "b" { value = !5 }
output "c" { value = [] + 1 }
output "d" { value = null + 1 }
output "e" { value = "a" < "b" }
