resource "terraform_data" "a" {}
resource "terraform_data" "b" { for_each = toset([terraform_data.a.id]) }
resource "terraform_data" "d" { for_each = { (terraform_data.a.id) = 1 } }
