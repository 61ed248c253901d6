resource "terraform_data" "a" {
  count = 0
}
resource "terraform_data" "b" {
  count = 1
}
output "n" { value = length(terraform_data.a) }
output "m" { value = one(terraform_data.b[*].input) }
