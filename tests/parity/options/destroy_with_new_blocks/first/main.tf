resource "terraform_data" "a" {}
resource "terraform_data" "gone" { input = terraform_data.a.id }
