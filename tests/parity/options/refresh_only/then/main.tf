resource "terraform_data" "a" { input = 2 }
resource "terraform_data" "b" {}
output "o" { value = 2 }
