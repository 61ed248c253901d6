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

resource "aws_kms_grant" "b" {
  key_id = aws_kms_key.a.key_id
  operations = ["Encrypt"]
  grantee_principal = "arn:aws:iam::123456789012:role/other"
}

resource "aws_kms_grant" "a" {
  key_id = aws_kms_key.a.key_id
  operations = ["Encrypt"]
  grantee_principal = "arn:aws:iam::123456789012:role/reader"
}

#### operations: replace
operations = ["Encrypt","Decrypt"]

#### grantee: replace
grantee_principal = "arn:aws:iam::123456789012:role/w"

#### name: replace
operations = ["Encrypt"]
name = "n"

#### constraints: replace
resource "aws_kms_grant" "a" {
  key_id = aws_kms_key.a.key_id
  operations = ["Encrypt"]
  grantee_principal = "arn:aws:iam::123456789012:role/reader"
  name = "n"
  constraints {
    encryption_context_equals = { a = "1" }
  }
}

#### other constraints: replace
resource "aws_kms_grant" "a" {
  key_id = aws_kms_key.a.key_id
  operations = ["Encrypt"]
  grantee_principal = "arn:aws:iam::123456789012:role/reader"
  name = "n"
  constraints {
    encryption_context_subset = { a = "1" }
  }
}

#### retiring: replace
resource "aws_kms_grant" "a" {
  key_id = aws_kms_key.a.key_id
  operations = ["Encrypt"]
  grantee_principal = "arn:aws:iam::123456789012:role/reader"
  name = "n"
  retiring_principal = "arn:aws:iam::123456789012:role/x"
  constraints {
    encryption_context_subset = { a = "1" }
  }
}

#### retire: update kept
resource "aws_kms_grant" "a" {
  key_id = aws_kms_key.a.key_id
  operations = ["Encrypt"]
  grantee_principal = "arn:aws:iam::123456789012:role/reader"
  name = "n"
  retiring_principal = "arn:aws:iam::123456789012:role/x"
  retire_on_delete = true
  constraints {
    encryption_context_subset = { a = "1" }
  }
}

#### key: replace
resource "aws_kms_grant" "a" {
  key_id = aws_kms_key.b.arn
  operations = ["Encrypt"]
  grantee_principal = "arn:aws:iam::123456789012:role/reader"
  name = "n"
  constraints {
    encryption_context_subset = { a = "1" }
  }
}

#### tokens: replace
grant_creation_tokens = [aws_kms_grant.b.grant_token]

#### region: replace
region = "eu-central-1"
grant_creation_tokens = null
key_id = aws_kms_key.c.arn
