# aws_kms_ciphertext: encrypts once and keeps the result.

resource "aws_kms_ciphertext" {
  service = "kms"
  about   = "A text encrypted with a KMS key. Nothing exists in the cloud: the result is kept in state."

  argument "key_id" {
    about     = "The key, by its id or ARN."
    type      = string
    required  = true
    force_new = true
    same      = "key_ref"
  }

  argument "plaintext" {
    about       = "What to encrypt."
    type        = string
    force_new   = true
    sensitive   = true
    length      = [1, 4096]
    exactly_one = ["plaintext", "plaintext_wo"]
  }

  argument "plaintext_wo" {
    about      = "What to encrypt. It is not kept in state; change plaintext_wo_version to encrypt again."
    type       = string
    sensitive  = true
    write_only = true
    length     = [1, 4096]
    needs      = ["plaintext_wo_version"]
  }

  argument "plaintext_wo_version" {
    about     = "Any text; when it changes, plaintext_wo is encrypted again."
    type      = string
    force_new = true
    needs     = ["plaintext_wo"]
  }

  argument "context" {
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
        Plaintext         = base64encode(or(self.plaintext, self.plaintext_wo))
        EncryptionContext = length(or(self.context, {})) == 0 ? null : self.context
      }
    }

    id    = native::unique_name("")
    keeps = { ciphertext_blob = reply.CiphertextBlob }
  }
}
