# When a key was last used.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "a" {
  deletion_window_in_days = 7
}

data "aws_kms_key_last_usage" "a" {
  key_id = aws_kms_key.a.key_id
}

output "uses" {
  value = data.aws_kms_key_last_usage.a.key_last_usage
}
