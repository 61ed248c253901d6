resource "terraform_data" "a" { input = "k" }
resource "terraform_data" "b" { input = "k" }
