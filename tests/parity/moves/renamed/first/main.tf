resource "terraform_data" "old" { input = "k" }
resource "terraform_data" "c" {
  count = 2
  input = "k"
}
resource "terraform_data" "same" { input = terraform_data.old.id }
