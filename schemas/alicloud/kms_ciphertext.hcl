# alicloud_kms_ciphertext: encrypts once and keeps the result.

resource "alicloud_kms_ciphertext" {
  service = "kms"
  about   = "A text encrypted with a KMS key. Nothing exists in the cloud: the result is kept in state."

  argument "key_id" {
    about     = "The key, by its id, ARN or alias."
    type      = string
    required  = true
    force_new = true
    same      = "key_ref"
  }

  argument "plaintext" {
    about       = "What to encrypt. It should be in base64: decryption gives back the text as it was written."
    type        = string
    force_new   = true
    sensitive   = true
    exactly_one = ["plaintext", "plaintext_wo"]
  }

  argument "plaintext_wo" {
    about      = "What to encrypt, as in plaintext. It is not kept in state; change plaintext_wo_version to encrypt again."
    type       = string
    sensitive  = true
    write_only = true
    needs      = ["plaintext_wo_version"]
  }

  argument "plaintext_wo_version" {
    about     = "Any text; when it changes, plaintext_wo is encrypted again."
    type      = string
    force_new = true
    needs     = ["plaintext_wo"]
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
        Plaintext         = or(self.plaintext, self.plaintext_wo)
        EncryptionContext = jsonencode(or(self.encryption_context, {}))
      }
    }

    id    = native::unique_name("")
    keeps = { ciphertext_blob = reply.CiphertextBlob }
  }
}
