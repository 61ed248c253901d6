resource "terraform_data" "n" {
  input = { a = null, b = [null, 1], c = tolist([]), d = {}, e = tomap({}), f = toset([]), g = [], h = tostring(null) }
}
resource "terraform_data" "empty" {}
output "n" { value = { a = null, b = [null, 1], c = tolist([]), d = {}, e = tomap({}), f = toset([]), g = [] } }
