provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "a" {
  description = "one"
  deletion_window_in_days = 10
}

#### description: update
description = "two"

#### window: update kept
deletion_window_in_days = 7

#### tags: update
tags = { a = "1", b = "2" }

#### other tags: update
tags = { a = "3" }

#### rotation on: update
enable_key_rotation = true

#### period: update
rotation_period_in_days = 100

#### disable: update
is_enabled = false

#### enable: update
is_enabled = true

#### rotation off, the period stays: update
enable_key_rotation = false

#### other period: update kept
rotation_period_in_days = 200

#### a tag that is null: update
tags = { a = "3", b = "4", c = null }

#### policy: update
policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "x", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })

#### other policy: update
policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "y", Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "kms:*", Resource = "*" }] })

#### bypass: update kept
bypass_policy_lockout_safety_check = true

#### many regions: replace
multi_region = true

#### spec: replace
customer_master_key_spec = "RSA_2048"

#### usage: replace
key_usage = "SIGN_VERIFY"

#### no tags: update
tags = null

#### no description: update
description = ""

#### region: replace
region = "eu-central-1"
