resource "terraform_data" "b" {
  for_each = ["x"]
}

resource "terraform_data" "c" {
  count = -1
}
