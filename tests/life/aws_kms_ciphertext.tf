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

resource "aws_kms_ciphertext" "a" {
  key_id = aws_kms_key.a.key_id
  plaintext = "x"
}

#### plaintext: replace kept
plaintext = "y"

#### context: replace kept
context = {a="b"}

#### written only: replace kept
plaintext_wo = "y"
plaintext_wo_version = "1"
plaintext = null
context = null

#### its version: replace kept
plaintext_wo = "z"
plaintext_wo_version = "2"

#### key: replace kept
key_id = aws_kms_key.b.arn

#### region: replace kept
region = "eu-central-1"
key_id = aws_kms_key.c.arn
