variable "p" {
  default   = "hunter2"
  sensitive = true
}
resource "terraform_data" "a" { input = { pw = var.p, user = "u" } }
resource "terraform_data" "b" { input = "x-${var.p}" }
