# A password that stands encrypted in the configuration, handed to a command and recorded nowhere.

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

ephemeral "aws_kms_secrets" "database" {
  secret {
    name    = "password"
    payload = aws_kms_ciphertext.password.ciphertext_blob
    context = { purpose = "example" }
  }
}

resource "terraform_data" "registration" {
  input = "orders"

  provisioner "local-exec" {
    command = "test \"$PASSWORD\" = 'correct horse'"

    environment = {
      PASSWORD = ephemeral.aws_kms_secrets.database.plaintext["password"]
    }
  }
}
