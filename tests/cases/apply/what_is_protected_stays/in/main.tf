resource "terraform_data" "d" {
  lifecycle {
    prevent_destroy = true
  }
}
