provider "aws" {
  region = "eu-west-1"
}
resource "aws_kms_external_key" "a" {
  multi_region = true
  key_material_base64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
}

resource "aws_kms_external_key" "b" {
  multi_region = true
  key_material_base64 = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
}

resource "aws_kms_replica_external_key" "a" {
  region = "eu-central-1"
  primary_key_arn = aws_kms_external_key.a.arn
  enabled = false
  key_material_base64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
}

#### description: update
description = "two"

#### tags: update
tags = { a = "1", b = "2" }

#### expires: update
valid_to = "SOON"

#### enable: update
enabled = true

#### never expires: update
valid_to = null

#### policy: update
policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "x", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })

#### material that is not kept: update kept
key_material_base64 = null
key_material_base64_wo = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
key_material_base64_wo_version = "1"

#### region: replace
region = "us-east-1"

#### another primary key and its material: replace
primary_key_arn = aws_kms_external_key.b.arn
key_material_base64_wo_version = "2"
key_material_base64_wo = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
