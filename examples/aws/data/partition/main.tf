# An ARN that is right in every partition.

provider "aws" {
  region = "eu-west-1"
}

data "aws_partition" "current" {}

output "everybody" {
  value = "arn:${data.aws_partition.current.partition}:iam::*:root"
}
