terraform {
  required_version = ">= 1.0"
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}
provider "terraform" {}
provider "terraform" { alias = "other" }
resource "terraform_data" "x" { provider = terraform.other }
module "m" {
  source    = "./m"
  providers = { terraform = terraform.other }
}
