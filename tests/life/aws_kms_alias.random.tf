provider "aws" {
  region = "eu-west-1"
}
resource "aws_kms_key" "a" {
}
resource "aws_kms_key" "b" {
}

resource "aws_kms_alias" "a" {
  target_key_id = aws_kms_key.a.id
}

#### target: update
target_key_id = aws_kms_key.b.arn
