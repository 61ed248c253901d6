resource "terraform_data" "a" {
  count    = 1
  for_each = toset(["x"])
}

resource "terraform_data" "b" {
  for_each = ["x"]
}

resource "terraform_data" "c" {
  count = -1
}
