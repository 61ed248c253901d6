resource "terraform_data" "a" { count = -1 }
resource "terraform_data" "b" { count = "x" }
resource "terraform_data" "c" { count = 1.5 }
resource "terraform_data" "d" { count = null }
