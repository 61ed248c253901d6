resource "terraform_data" "new" { input = "k2" }
resource "terraform_data" "n2" { input = "k" }
resource "terraform_data" "c" {
  for_each = toset(["x"])
  input    = "k"
}
resource "terraform_data" "same" { input = terraform_data.new.id }
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
moved {
  from = terraform_data.c[0]
  to   = terraform_data.c["x"]
}
moved {
  from = terraform_data.c[1]
  to   = terraform_data.n2
}
