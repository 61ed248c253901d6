resource "terraform_data" "a" {
  count = 1
  input = each.key
}
resource "terraform_data" "b" {
  for_each = toset(["a"])
  input    = count.index
}
output "s" { value = self.id }
