# Lets a role use a key, for one department only.

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "a" {
  deletion_window_in_days = 7
}

resource "aws_kms_grant" "a" {
  name              = "my-grant"
  key_id            = aws_kms_key.a.key_id
  grantee_principal = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/reader"
  operations        = ["Encrypt", "Decrypt", "GenerateDataKey"]

  constraints {
    encryption_context_equals = { Department = "Finance" }
  }
}
