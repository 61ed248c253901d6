resource "terraform_data" "d" {
  input = "one"
}
