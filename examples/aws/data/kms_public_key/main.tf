# The public key for those who verify signatures.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "signing" {
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
  deletion_window_in_days  = 7
}

data "aws_kms_public_key" "signing" {
  key_id = aws_kms_key.signing.arn
}

output "pem" {
  value = data.aws_kms_public_key.signing.public_key_pem
}
