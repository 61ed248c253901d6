resource "terraform_data" "f" {
  for_each = tomap({ a = null, b = "x" })
  input    = each.value
}
resource "terraform_data" "g" {
  for_each = {}
}
output "g" { value = [terraform_data.g, [for k, v in terraform_data.f : k]] }
