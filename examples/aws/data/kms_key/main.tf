# A key that somebody else manages, found by the name of its alias.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "a" {
  description             = "Managed elsewhere in earnest"
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "a" {
  name          = "alias/shared"
  target_key_id = aws_kms_key.a.key_id
}

data "aws_kms_key" "by_alias" {
  key_id = aws_kms_alias.a.name
}

output "state" {
  value = data.aws_kms_key.by_alias.key_state
}
