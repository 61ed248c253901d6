variable "p" {
  default   = "hunter3"
  sensitive = true
}
resource "terraform_data" "a" { triggers_replace = { pw = var.p, user = "u" } }
resource "terraform_data" "b" { triggers_replace = "x-${var.p}" }
resource "terraform_data" "c" { triggers_replace = sensitive("plain") }
resource "terraform_data" "d" { triggers_replace = [var.p, "z"] }
