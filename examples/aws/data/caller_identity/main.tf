# Whose credentials these are.

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}

output "account_id" {
  value = data.aws_caller_identity.current.account_id
}
