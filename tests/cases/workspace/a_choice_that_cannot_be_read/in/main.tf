resource "terraform_data" "key" {}
