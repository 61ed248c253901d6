resource "terraform_data" "a" { triggers_replace = { k = 2, l = "x" } }
resource "terraform_data" "b" {}
resource "terraform_data" "c" { triggers_replace = 5 }
resource "terraform_data" "d" { triggers_replace = ["a", "c"] }
resource "terraform_data" "e" { triggers_replace = "a\nc\n" }
