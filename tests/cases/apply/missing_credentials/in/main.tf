provider "aws" {
  region                  = "eu-west-1"
  skip_metadata_api_check = true
}

resource "aws_kms_key" "k" {}
