resource "terraform_data" "i" {}
resource "terraform_data" "j" { input = terraform_data.i.id }
output "id" { value = terraform_data.j.id }
