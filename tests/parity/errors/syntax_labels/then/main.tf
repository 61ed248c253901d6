resource "terraform_data" {}
variable {}
locals "x" {}
