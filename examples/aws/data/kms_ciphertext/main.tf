# A text encrypted once: the result stays as long as the arguments do.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "a" {
  deletion_window_in_days = 7
}

data "aws_kms_ciphertext" "a" {
  key_id    = aws_kms_key.a.key_id
  plaintext = "not very secret"
  context   = { purpose = "example" }
}

output "ciphertext" {
  value = data.aws_kms_ciphertext.a.ciphertext_blob
}
