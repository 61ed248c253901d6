resource "terraform_data" "a" {}
resource "terraform_data" "a" {}
variable "v" { default = 1 }
variable "v" { default = 1 }
output "o" { value = 1 }
output "o" { value = 1 }
locals { l = 1 }
locals { l = 2 }
