# A text encrypted. What is recorded stays, for each encryption gives another result.

data "alicloud_kms_ciphertext" {
  service = "kms"
  about   = "A text encrypted with a KMS key. The result stays as long as the arguments do. The plain text is kept in state; the resource alicloud_kms_ciphertext can do without."

  argument "key_id" {
    about    = "The key, by its id, ARN or alias."
    type     = string
    required = true
  }

  argument "plaintext" {
    about     = "What to encrypt. It should be in base64: decryption gives back the text as it was written."
    type      = string
    required  = true
    sensitive = true
  }

  argument "encryption_context" {
    about = "The encryption context, which decryption must give again."
    type  = map(string)
  }

  attribute "ciphertext_blob" {
    about = "The result, in base64."
    type  = string
    read  = crypt.CiphertextBlob
  }

  read {
    keep_when = (
      prior.ciphertext_blob != null && prior.key_id == self.key_id && prior.plaintext == self.plaintext &&
      jsonencode(or(prior.encryption_context, {})) == jsonencode(or(self.encryption_context, {}))
    )

    call "Encrypt" {
      as = "crypt"
      params = {
        KeyId             = self.key_id
        Plaintext         = self.plaintext
        EncryptionContext = jsonencode(or(self.encryption_context, {}))
      }
      expects = reply.CiphertextBlob
    }

    id = native::id_of_list([crypt.CiphertextBlob])
  }
}
