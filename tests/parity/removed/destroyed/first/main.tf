resource "terraform_data" "gone" { input = "k" }
resource "terraform_data" "x" { input = terraform_data.gone.id }
resource "terraform_data" "n" { count = 3 }
module "m" { source = "./m" }
output "o" { value = terraform_data.gone.id }
