resource "terraform_data" "a" { input = "one" }
variable "x" {
  default = "two"
  validation {
    condition     = terraform_data.a.output == var.x
    error_message = "a is ${terraform_data.a.output}"
  }
}
variable "y" {
  default = "one"
  validation {
    condition     = terraform_data.a.output == var.y
    error_message = "a is ${terraform_data.a.output}"
  }
}
resource "terraform_data" "b" { input = var.x }
resource "terraform_data" "c" { input = var.y }
