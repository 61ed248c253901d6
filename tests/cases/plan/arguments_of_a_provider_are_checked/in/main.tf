provider "aws" {
  region      = "eu-west-1"
  retry_mode  = "sometimes"
  max_retries = -1
}

resource "aws_kms_key" "this" {}
