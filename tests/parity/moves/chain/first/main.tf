resource "terraform_data" "a" { input = "k" }
output "id" { value = terraform_data.a.id }
