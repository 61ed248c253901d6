resource "aws_kms_key" "several" {
  count                    = 3
  customer_master_key_spec = "HMAC_256"
  key_usage                = "ENCRYPT_DECRYPT"
}

resource "aws_kms_alias" "both" {
  name          = "alias/both"
  name_prefix   = "alias/both-"
  target_key_id = aws_kms_key.several[0].id
}

# What is recorded could stand in for what is not written here.
resource "alicloud_kms_key" "open" {
  automatic_rotation = "Enabled"
}

resource "alicloud_kms_key" "tagged" {
  key_spec = "EC_P256"
  key_usage = "ENCRYPT/DECRYPT"
  tags = {
    "acs:mine" = "yes"
  }
}

resource "alicloud_kms_secret" "late" {
  secret_name = "acs/late"
  secret_data = "x"
  version_id  = "1"
  timeouts {
    create = "soon"
  }
}
