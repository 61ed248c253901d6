resource "terraform_data" "inner" {
  lifecycle {
    destroy = false
  }
}
