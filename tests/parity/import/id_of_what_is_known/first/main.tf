resource "terraform_data" "a" { input = "the-id" }
