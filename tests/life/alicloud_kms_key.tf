provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "a" {
  description = "one"
}

#### description: update
description = "two"

#### window: update kept
pending_window_in_days = 7

#### rotation on: update
automatic_rotation = "Enabled"
rotation_interval = "604800s"

#### interval: update
rotation_interval = "8d"

#### description, interval left to the cloud: update
description = "three"
rotation_interval = null

#### rotation off: update
automatic_rotation = "Disabled"

#### disabled: update
status = "Disabled"

#### enabled: update
status = "Enabled"

#### tags: update
tags = { a = "1", b = "2" }

#### other tags: update
tags = { a = "3" }

#### protect: update
deletion_protection = "Enabled"
deletion_protection_description = "why"

#### other reason: update
deletion_protection_description = "because"

#### unprotect, the reason stays: update
deletion_protection = "Disabled"

#### a tag that is null: update
tags = { a = "3", b = "4", c = null }

#### no reason: update kept
deletion_protection_description = null

#### policy: update kept
policy = jsonencode({ Version = "1", Statement = [{ Sid = "x", Effect = "Allow", Principal = { RAM = ["acs:ram::1234567890123456:*"] }, Action = ["kms:*"], Resource = ["*"] }] })

#### protection level: replace
protection_level = "HSM"

#### spec: replace
key_spec = "RSA_2048"
key_usage = "SIGN/VERIFY"
protection_level = null

#### usage: replace
key_usage = "ENCRYPT/DECRYPT"

#### origin: replace
origin = "EXTERNAL"
status = null
key_spec = null
key_usage = null

#### no description: update
description = null
