resource "terraform_data" "d" {
  input = "two"
}
