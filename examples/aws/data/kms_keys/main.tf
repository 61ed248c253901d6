# How many keys there are.

provider "aws" {
  region = "eu-west-1"
}

data "aws_kms_keys" "all" {}

output "keys" {
  value = length(data.aws_kms_keys.all.ids)
}
