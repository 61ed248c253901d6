resource "terraform_data" "a" {
  count = 2
  input = "k"
}
output "ids" { value = terraform_data.a[*].id }
