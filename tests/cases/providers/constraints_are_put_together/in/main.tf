terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5, <7, !=6.2"
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
