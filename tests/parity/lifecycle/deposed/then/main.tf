resource "terraform_data" "a" {
  input = "x"
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "b" { input = "y" }
