resource "terraform_data" "a" { for_each = ["a"] }
resource "terraform_data" "b" { for_each = toset([1, 2]) }
resource "terraform_data" "c" { for_each = null }
resource "terraform_data" "d" { for_each = "x" }
