provider "aws" {
  region = "eu-west-1"
}

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "aws_kms_key" "short" {
  enable_key_rotation     = true
  deletion_window_in_days = 7

  lifecycle {
    on_destroy = "disable"
  }
}

resource "alicloud_kms_key" "short" {
  pending_window_in_days = 20
  automatic_rotation     = "Enabled"
  rotation_interval      = "30d"

  lifecycle {
    on_destroy = "retain"
  }
}

resource "aws_kms_key" "still" {
  bypass_policy_lockout_safety_check = true
}
