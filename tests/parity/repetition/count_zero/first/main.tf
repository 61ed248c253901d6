resource "terraform_data" "a" {
  count = 1
}
resource "terraform_data" "b" {
  count = 0
}
output "n" { value = length(terraform_data.a) }
