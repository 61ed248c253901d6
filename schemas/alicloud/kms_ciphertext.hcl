# alicloud_kms_ciphertext: encrypts once and keeps the result.

resource "alicloud_kms_ciphertext" {
  service = "kms"
  about   = "A text encrypted with a KMS key. Nothing exists in the cloud: the result is kept in state."

  argument "key_id" {
    about     = "The key, by its id, ARN or alias."
    type      = string
    required  = true
    force_new = true
  }

  argument "plaintext" {
    about     = "What to encrypt. It should be in base64: decryption gives back the text as it was written."
    type      = string
    required  = true
    force_new = true
    sensitive = true
  }

  argument "encryption_context" {
    about     = "The encryption context, which decryption must give again."
    type      = map(string)
    force_new = true
  }

  attribute "ciphertext_blob" {
    about = "The result, in base64."
    type  = string
  }

  create {
    repeatable = true # another result of the same text is as good

    call "Encrypt" {
      params = {
        KeyId             = self.key_id
        Plaintext         = self.plaintext
        EncryptionContext = jsonencode(or(self.encryption_context, {}))
      }
    }

    id    = native::unique_name("")
    keeps = { ciphertext_blob = reply.CiphertextBlob }
  }
}
