provider "aws" {
  region = "eu-west-1"
}
resource "aws_kms_key" "a" {
  multi_region = true
  enable_key_rotation = true
}
resource "aws_kms_key" "b" {
  multi_region = true
}

resource "aws_kms_replica_key" "a" {
  region = "eu-central-1"
  primary_key_arn = aws_kms_key.a.arn
}

#### description: update
description = "two"

#### tags: update
tags = { a = "1", b = "2" }

#### disable: update
enabled = false

#### policy: update
policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "x", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })

#### enable: update
enabled = true

#### window: update kept
deletion_window_in_days = 7

#### bypass: update kept
bypass_policy_lockout_safety_check = true

#### primary: replace
primary_key_arn = aws_kms_key.b.arn

#### region: replace
region = "us-east-1"
