resource "terraform_data" "a" { count = 2 }
resource "terraform_data" "e" { for_each = toset(["a"]) }
output "x" { value = terraform_data.a[5].id }
output "y" { value = terraform_data.e["zz"].id }
output "z" { value = terraform_data.a.id }
