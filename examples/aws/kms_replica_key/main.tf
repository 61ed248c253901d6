# A key in two regions: data that one of them encrypts, the other decrypts.

provider "aws" {
  region = "eu-west-1"
}

locals {
  replica_region = "eu-central-1"
}

resource "aws_kms_key" "primary" {
  description             = "Primary key"
  deletion_window_in_days = 7
  multi_region            = true
}

resource "aws_kms_replica_key" "a" {
  region                  = local.replica_region
  description             = "Replica key"
  deletion_window_in_days = 7
  primary_key_arn         = aws_kms_key.primary.arn
}
