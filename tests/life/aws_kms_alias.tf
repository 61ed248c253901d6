provider "aws" {
  region = "eu-west-1"
}
resource "aws_kms_key" "a" {
}
resource "aws_kms_key" "b" {
}

resource "aws_kms_key" "c" {
  region = "eu-central-1"
}

resource "aws_kms_alias" "a" {
  target_key_id = aws_kms_key.a.id
  name = "alias/x"
}

#### target: update
target_key_id = aws_kms_key.b.arn

#### name: replace
name = "alias/y"

#### region: replace
resource "aws_kms_alias" "a" {
  region = "eu-central-1"
  name = "alias/y"
  target_key_id = aws_kms_key.c.id
}
