provider "aws" {
  region = "us-east-1"
}

data "aws_region" "here" {}

output "region" {
  value = data.aws_region.here.name
}
