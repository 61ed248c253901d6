resource "terraform_data" "a" {
  inputt = 1
}
output "o" {
  valu = 1
}
