terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5"
    }
  }
}

provider "aws" {
  version = "~> 6.1"
}

module "z" {
  source = "./m"
}

module "b" {
  source = "./m"
}
