resource "terraform_data" "a" { input = "x" }
resource "terraform_data" "b" { input = { t = "id ${terraform_data.a.output}", l = [terraform_data.a.output, "k"] } }
output "o" { value = { id = terraform_data.a.output, in = terraform_data.a.input } }
