resource "terraform_data" "a" {
  count = 12
  input = count.index
}
