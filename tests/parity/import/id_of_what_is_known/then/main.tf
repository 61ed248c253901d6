resource "terraform_data" "a" { input = "the-id" }
import {
  to = terraform_data.b
  id = terraform_data.a.output
}
resource "terraform_data" "b" {}
import {
  for_each = toset([terraform_data.a.output])
  to       = terraform_data.c[each.key]
  id       = "${terraform_data.a.output}-${each.key}"
}
resource "terraform_data" "c" { for_each = toset(["the-id"]) }
