resource "terraform_data" "c" { input = 2 }
