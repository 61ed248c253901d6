resource "terraform_data" "gone" { input = 1 }
resource "terraform_data" "also" { input = 1 }
resource "terraform_data" "c" { input = 1 }
