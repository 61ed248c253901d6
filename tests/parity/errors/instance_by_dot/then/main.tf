resource "terraform_data" "k" {
  for_each = { input = 1 }
  input    = each.value
}
output "o" { value = terraform_data.k.input }
