provider "aws" {
  region = "eu-west-1"
}
resource "aws_kms_key" "a" {
}
resource "aws_kms_key" "b" {
}

resource "aws_kms_alias" "a" {
  target_key_id = aws_kms_key.a.id
  name_prefix = "alias/x-"
}

#### prefix: replace
target_key_id = aws_kms_key.a.arn
name_prefix = "alias/y-"

#### to name: replace
name = "alias/y"
name_prefix = null
