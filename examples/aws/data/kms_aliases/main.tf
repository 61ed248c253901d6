# The aliases of a key, and those of AWS services.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "a" {
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.a.key_id
}

data "aws_kms_aliases" "of_key" {
  key_id = aws_kms_alias.a.target_key_id
}

data "aws_kms_aliases" "of_services" {
  name_prefix = "alias/aws/"
}

output "names" {
  value = data.aws_kms_aliases.of_key.names
}
