resource "terraform_data" "f" {
  count = 1
}
resource "terraform_data" "g" {
  for_each = toset(["a"])
}
resource "terraform_data" "h" {}
