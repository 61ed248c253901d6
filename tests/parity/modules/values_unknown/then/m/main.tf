variable "in" {}
variable "name" {}
resource "terraform_data" "i" { input = "${var.name} ${var.in}" }
output "out" { value = [terraform_data.i.output, var.in] }
