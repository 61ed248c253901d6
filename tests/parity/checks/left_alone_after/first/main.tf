resource "terraform_data" "b" { input = 5 }
resource "terraform_data" "c" { input = 5 }
