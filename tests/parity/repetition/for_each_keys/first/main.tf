resource "terraform_data" "f" {
  for_each = { a = 1, b = 2, "c d" = 3 }
  input    = each.value
}
output "m" { value = { for k, v in terraform_data.f : k => v.id } }
