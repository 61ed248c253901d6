resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  provider   = "terraform"
  input      = { x = 1 }
  depends_on = ["terraform_data.a"]
  lifecycle {
    ignore_changes = ["input.x"]
  }
}
output "o" {
  value      = 1
  depends_on = ["terraform_data.b"]
}
