# A text that only the holder of the key can read.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "a" {
  description             = "oauth config"
  deletion_window_in_days = 7
}

resource "aws_kms_ciphertext" "oauth" {
  key_id    = aws_kms_key.a.key_id
  plaintext = jsonencode({ client_id = "e587dbae22222f55da22", client_secret = "example" })
  context   = { app = "web" }
}
