variable "1x" {}
resource "terraform_data" "a b" {}
output "o o" { value = 1 }
