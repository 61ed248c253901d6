# The parts of an ARN.

provider "aws" {
  region = "eu-west-1"
}

data "aws_arn" "role" {
  arn = "arn:aws:iam::123456789012:role/reader"
}

output "account" {
  value = data.aws_arn.role.account
}
