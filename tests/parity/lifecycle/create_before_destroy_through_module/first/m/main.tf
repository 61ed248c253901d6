variable "in" {}
resource "terraform_data" "b" {
  triggers_replace = var.in
  lifecycle { create_before_destroy = true }
}
