resource "terraform_data" "kept" {
  lifecycle {
    on_destroy = "retain"
  }
}

resource "terraform_data" "disabled" {
  lifecycle {
    on_destroy = "disable"
  }
}

resource "aws_kms_alias" "scheduled" {
  target_key_id = "x"
  lifecycle {
    on_destroy = "schedule"
  }
}

resource "alicloud_kms_secret" "scheduled" {
  secret_name = "s"
  secret_data = "x"
  version_id  = "v1"
  lifecycle {
    on_destroy = "schedule"
  }
}
