resource "terraform_data" "a" {
  input = 
}

locals {
  b = [1, 2
}
