resource "terraform_data" "f" {
  for_each = { a = 1, b = 3, e = { x = 1 } }
  input    = each.value
}
output "m" { value = { for k, v in terraform_data.f : k => v.id } }
