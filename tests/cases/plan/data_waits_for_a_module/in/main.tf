provider "aws" { region = "eu-west-1" }

module "makes" { source = "./m" }

data "aws_iam_policy_document" "after_a_module" {
  depends_on = [module.makes]
}

module "reads" {
  source     = "./n"
  depends_on = [module.makes]
}

module "reads_at_once" { source = "./n" }
