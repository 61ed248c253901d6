# Passwords that stand encrypted in the configuration.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "a" {
  deletion_window_in_days = 7
}

# In earnest this is what "aws kms encrypt" printed.
resource "aws_kms_ciphertext" "password" {
  key_id    = aws_kms_key.a.key_id
  plaintext = "correct horse"
  context   = { purpose = "example" }
}

resource "aws_kms_ciphertext" "user" {
  key_id    = aws_kms_key.a.key_id
  plaintext = "battery"
}

data "aws_kms_secrets" "database" {
  secret {
    name    = "password"
    payload = aws_kms_ciphertext.password.ciphertext_blob
    context = { purpose = "example" }
  }

  secret {
    name    = "user"
    payload = aws_kms_ciphertext.user.ciphertext_blob
  }
}

output "password" {
  value     = data.aws_kms_secrets.database.plaintext["password"]
  sensitive = true
}
