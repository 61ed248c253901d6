output "a" { value = tonumber("x") }
output "b" { value = element([], 0) }
output "c" { value = jsondecode("{") }
output "d" { value = lookup({}, "a") }
output "e" { value = regex("(", "a") }
output "f" { value = cidrsubnet("x", 1, 1) }
