resource "terraform_data" "k" { input = 1 }
