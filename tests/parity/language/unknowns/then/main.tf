resource "terraform_data" "a" { input = "x" }
resource "terraform_data" "b" {
  input = {
    template = "id ${terraform_data.a.id}"
    list     = [terraform_data.a.id, "known"]
    map      = { k = terraform_data.a.output, l = 1 }
    json     = jsonencode({ id = terraform_data.a.id })
    cond     = terraform_data.a.id == "z" ? 1 : 2
    null     = null
    eq       = terraform_data.a.id == null
  }
}
resource "terraform_data" "c" { input = [for s in ["p", "q"] : "${s}-${terraform_data.a.id}"] }
resource "terraform_data" "d" { input = { for s in ["p", "q"] : s => terraform_data.b.output } }
output "template" { value = "t ${terraform_data.a.id}" }
output "object" { value = { id = terraform_data.a.id, input = terraform_data.a.input } }
output "length" { value = length([terraform_data.a.id, 2]) }
output "whole" { value = terraform_data.a }
