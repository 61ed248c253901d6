resource "terraform_data" "s" { input = 1 }
resource "terraform_data" "z" {
  count = 1
  input = 1
}
