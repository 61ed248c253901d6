import {
  to = terraform_data.i
  id = "abc-1"
}
resource "terraform_data" "i" { input = "x" }
