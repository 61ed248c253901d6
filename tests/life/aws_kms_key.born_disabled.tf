provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "a" {
  is_enabled = false
  enable_key_rotation = true
  deletion_window_in_days = 7
  rotation_period_in_days = 200
  tags = {x="y"}
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "z", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })
}
