# Encrypts anew at every read: the resource of the same name does it once and keeps the result.

data "alicloud_kms_ciphertext" {
  service = "kms"
  about   = "A text encrypted with a KMS key, otherwise at every read. What must stay the same is made by the resource alicloud_kms_ciphertext."

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
