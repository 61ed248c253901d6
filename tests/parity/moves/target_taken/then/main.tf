resource "terraform_data" "b" { input = "k" }
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
