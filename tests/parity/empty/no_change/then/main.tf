resource "terraform_data" "a" { input = { a = [1, "x", null], n = 1.50 } }
output "a" { value = terraform_data.a.output }
