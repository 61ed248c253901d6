resource "terraform_data" "a" {
  input = 2
  lifecycle {
    ignore_changes = [input]
  }
}
resource "terraform_data" "b" {
  input = 2
}
resource "terraform_data" "c" {
  input = 1
}
