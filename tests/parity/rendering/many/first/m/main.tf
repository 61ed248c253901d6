resource "terraform_data" "q" { count = 11 }
module "n" { source = "./n" }
