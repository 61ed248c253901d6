# The provider's region, and another one.

provider "aws" {
  region = "eu-west-1"
}

data "aws_region" "current" {}

data "aws_region" "other" {
  region = "us-east-1"
}

output "regions" {
  value = [data.aws_region.current.description, data.aws_region.other.description]
}
