output "a" { value = true ? [] : "x" }
output "b" { value = "x" ? 1 : 2 }
output "c" { value = null ? 1 : 2 }
