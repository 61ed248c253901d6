# The key of an AWS service, by its alias.

provider "aws" {
  region = "eu-west-1"
}

data "aws_kms_alias" "s3" {
  name = "alias/aws/s3"
}

output "key" {
  value = data.aws_kms_alias.s3.target_key_arn
}
