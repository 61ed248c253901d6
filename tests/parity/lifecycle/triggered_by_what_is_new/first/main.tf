resource "terraform_data" "grows" {
  count = 1
  input = count.index
}
resource "terraform_data" "leaves" {
  count = 2
  input = count.index
}
resource "terraform_data" "k" {}
resource "terraform_data" "l" {}
resource "terraform_data" "m" {}
resource "terraform_data" "n" {}
