provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_external_key" "a" {
  key_material_base64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
  deletion_window_in_days = 7
}

#### description: update
description = "two"

#### tags: update
tags = { a = "1", b = "2" }

#### disable: update
enabled = false

#### expires: update
valid_to = "SOON"

#### enable: update
enabled = true

#### left to the cloud: update kept
enabled = null
deletion_window_in_days = 9

#### never expires: update
valid_to = null

#### policy: update
policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "x", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })

#### bypass: update kept
bypass_policy_lockout_safety_check = true

#### other material: replace
key_material_base64 = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="

#### material that is not kept: update kept
key_material_base64 = null
key_material_base64_wo = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
key_material_base64_wo_version = "1"

#### another one: replace
key_material_base64_wo = "YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI="
key_material_base64_wo_version = "2"

#### material that is kept again: replace
key_material_base64_wo = null
key_material_base64_wo_version = null
key_material_base64 = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="

#### many regions: replace
multi_region = true

#### spec and usage: replace
key_spec = "HMAC_256"
key_usage = "GENERATE_VERIFY_MAC"

#### no material: replace
key_material_base64 = null

#### what is to be once there is material: update kept
enabled = true

#### material: update
key_material_base64 = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="

#### region: replace
region = "eu-central-1"
