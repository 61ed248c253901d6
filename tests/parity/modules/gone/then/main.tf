resource "terraform_data" "x" { input = "none" }
