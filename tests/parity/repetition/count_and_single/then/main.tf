resource "terraform_data" "s" {
  count = 2
  input = 1
}
resource "terraform_data" "z" { input = 1 }
