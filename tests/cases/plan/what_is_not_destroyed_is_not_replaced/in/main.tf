variable "version_of_it" {
  default = 1
}

resource "terraform_data" "a" {
  triggers_replace = var.version_of_it

  lifecycle {
    destroy = false
  }
}
