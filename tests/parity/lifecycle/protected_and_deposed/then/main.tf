resource "terraform_data" "k" {
  input = "x"
  lifecycle { prevent_destroy = true }
}
