provider "aws" {
  region = "eu-west-1"
}
resource "aws_kms_key" "a" {
}
resource "aws_kms_key" "b" {
}

resource "aws_kms_key" "c" {
  region = "eu-central-1"
}

resource "aws_kms_key_policy" "a" {
  key_id = aws_kms_key.a.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "x", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })
}

#### policy: update
policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "y", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })

#### bypass: update kept
bypass_policy_lockout_safety_check = true

#### key: replace
key_id = aws_kms_key.b.arn

#### region: replace
region = "eu-central-1"
key_id = aws_kms_key.c.id
