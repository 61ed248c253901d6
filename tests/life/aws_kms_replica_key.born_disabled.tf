provider "aws" {
  region = "eu-west-1"
}
resource "aws_kms_key" "a" {
  multi_region = true
}

resource "aws_kms_replica_key" "a" {
  region = "eu-central-1"
  primary_key_arn = aws_kms_key.a.arn
  enabled = false
  description = "x"
  tags = {x="y"}
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "z", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })
}

#### enable: update
enabled = true
