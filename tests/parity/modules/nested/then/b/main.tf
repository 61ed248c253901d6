variable "names" { type = set(string) }
resource "terraform_data" "i" {
  for_each = var.names
  input    = each.key
}
output "ids" { value = { for k, v in terraform_data.i : k => v.input } }
