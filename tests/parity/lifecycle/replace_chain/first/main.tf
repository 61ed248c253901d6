resource "terraform_data" "a" {
  input            = "one"
  triggers_replace = ["x"]
}
resource "terraform_data" "b" { input = terraform_data.a.output }
resource "terraform_data" "c" { triggers_replace = terraform_data.a.id }
resource "terraform_data" "d" { triggers_replace = [terraform_data.c.id, "fix"] }
