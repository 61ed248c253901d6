resource "terraform_data" "f" {
  for_each = toset(["a"])
}
resource "terraform_data" "g" {
  count = 1
}
resource "terraform_data" "h" {
  for_each = toset(["a"])
}
