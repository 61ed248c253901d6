resource "terraform_data" "a" {}
resource "terraform_data" "f" {
  for_each = { k = terraform_data.a.id, l = "x" }
  input    = each.value
}
resource "terraform_data" "g" {
  for_each = terraform_data.f
  input    = each.value.id
}
output "o" { value = terraform_data.g }
