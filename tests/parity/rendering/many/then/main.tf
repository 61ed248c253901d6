resource "terraform_data" "z" { input = 2 }
resource "terraform_data" "a" { input = 2 }
