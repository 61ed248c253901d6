resource "terraform_data" "a" {
  count = 2
  input = count.index + 1
}
output "all" { value = terraform_data.a[*].output }
