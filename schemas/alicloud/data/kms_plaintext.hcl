# What was encrypted.

data "alicloud_kms_plaintext" {
  service = "kms"
  about   = "What was encrypted with a KMS key. It stays hidden."

  argument "ciphertext_blob" {
    about    = "What to decrypt, in base64."
    type     = string
    required = true
  }

  argument "encryption_context" {
    about = "The encryption context that was given to encryption."
    type  = map(string)
  }

  attribute "plaintext" {
    about     = "The result, as it was given to encryption."
    type      = string
    sensitive = true
    read      = plain.Plaintext
  }

  attribute "key_id" {
    about = "The key that it was encrypted with."
    type  = string
    read  = nonsensitive(plain.KeyId)
  }

  read {
    call "Decrypt" {
      as        = "plain"
      sensitive = true
      params    = { CiphertextBlob = self.ciphertext_blob, EncryptionContext = jsonencode(or(self.encryption_context, {})) }
      expects   = reply.Plaintext
    }

    id = native::id_of_list([self.ciphertext_blob])
  }
}
