removed {
  from = terraform_data.never
  lifecycle { destroy = false }
}
resource "terraform_data" "a" {}
