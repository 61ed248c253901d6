import {
  to = terraform_data.i
  id = "abc-1"
}
resource "terraform_data" "i" { input = "x" }
import {
  to = terraform_data.e["k"]
  id = "abc-2"
}
resource "terraform_data" "e" { for_each = toset(["k"]) }
