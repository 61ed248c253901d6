locals {
  a = local.b
  b = local.c
  c = local.a
}

resource "terraform_data" "self" {
  input = terraform_data.self.id
}
