resource "aws_kms_key" "a" {
  deletion_window_in_days = 3
  key_usage               = "DANCE"
}

resource "alicloud_kms_key" "b" {
  pending_window_in_days = 1000
}
