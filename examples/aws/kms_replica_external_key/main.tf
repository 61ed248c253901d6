# A key with imported material in two regions. Both get the same material.

provider "aws" {
  region = "eu-west-1"
}

locals {
  # 32 bytes, in base64.
  material       = base64encode("0123456789abcdef0123456789abcdef")
  replica_region = "eu-central-1"
}

resource "aws_kms_external_key" "primary" {
  description             = "Primary key"
  enabled                 = true
  deletion_window_in_days = 7
  multi_region            = true
  key_material_base64     = local.material
}

resource "aws_kms_replica_external_key" "a" {
  region                  = local.replica_region
  description             = "Replica key"
  enabled                 = true
  deletion_window_in_days = 7
  key_material_base64     = local.material
  primary_key_arn         = aws_kms_external_key.primary.arn
}
