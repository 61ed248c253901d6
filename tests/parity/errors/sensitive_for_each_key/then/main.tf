variable "p" {
  default   = "x"
  sensitive = true
}
resource "terraform_data" "a" { for_each = { (var.p) = 1 } }
