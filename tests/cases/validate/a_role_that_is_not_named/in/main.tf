provider "aws" {
  region = "eu-west-1"

  assume_role {}
}

resource "aws_kms_key" "this" {}
