# Names for a key: one of our own, and one of which only the beginning is.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "a" {
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "a" {
  name          = "alias/my-key-alias"
  target_key_id = aws_kms_key.a.key_id
}

resource "aws_kms_alias" "generated" {
  name_prefix   = "alias/my-key-"
  target_key_id = aws_kms_key.a.arn
}
