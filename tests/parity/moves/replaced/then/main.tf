resource "terraform_data" "b" { triggers_replace = "l" }
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
