resource "terraform_data" "a" {
  count = 3
  input = count.index
}
resource "terraform_data" "f" {
  for_each = toset(["a", "b"])
  input    = terraform_data.a[0].id
}
module "m" {
  source = "./m"
  in     = terraform_data.f["a"].id
}
output "all" { value = terraform_data.a[*].output }
output "m" { value = { for k, v in terraform_data.f : k => v.id } }
