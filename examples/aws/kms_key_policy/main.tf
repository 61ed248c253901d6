# The policy of a key apart from the key, so that it can name what depends on the key.

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "a" {
  description             = "Its policy is elsewhere"
  deletion_window_in_days = 7
}

resource "aws_kms_key_policy" "a" {
  key_id = aws_kms_key.a.key_id

  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "example"
    Statement = [{
      Sid       = "Enable IAM User Permissions"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = aws_kms_key.a.arn
    }]
  })
}
