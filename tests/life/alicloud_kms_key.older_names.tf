provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "a" {
  deletion_window_in_days = "366"
  is_enabled = true
}

#### disabled: update
is_enabled = false

#### window: update kept
deletion_window_in_days = 7

#### state: update
key_state = "Enabled"
is_enabled = null

#### state: update
key_state = "Disabled"
