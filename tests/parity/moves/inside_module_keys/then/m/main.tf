resource "terraform_data" "b" { input = "k" }
resource "terraform_data" "a" {
  for_each = toset(["x"])
  input    = "k"
}
moved {
  from = terraform_data.a[0]
  to   = terraform_data.b
}
moved {
  from = terraform_data.a[1]
  to   = terraform_data.a["x"]
}
