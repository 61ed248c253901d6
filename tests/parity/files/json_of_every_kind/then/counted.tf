resource "terraform_data" "counted" {
  count = 2
  input = count.index
}
