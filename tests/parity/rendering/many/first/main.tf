resource "terraform_data" "z" { input = 1 }
module "b" { source = "./m" }
module "a" { source = "./m" }
