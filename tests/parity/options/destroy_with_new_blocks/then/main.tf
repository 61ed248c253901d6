resource "terraform_data" "a" { input = 5 }
resource "terraform_data" "new" { input = terraform_data.a.id }
output "o" { value = terraform_data.new.id }
