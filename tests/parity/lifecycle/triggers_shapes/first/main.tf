resource "terraform_data" "a" { triggers_replace = { k = 1, l = "x" } }
resource "terraform_data" "b" { triggers_replace = "s" }
resource "terraform_data" "c" {}
resource "terraform_data" "d" { triggers_replace = ["a", "b"] }
resource "terraform_data" "e" { triggers_replace = "a\nb\n" }
