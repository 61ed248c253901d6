# A text encrypted. What is recorded stays, for each encryption gives another result.

data "aws_kms_ciphertext" {
  service = "kms"
  region  = self.region
  about   = "A text encrypted with a KMS key. The result stays as long as the arguments do. The plain text is kept in state; the resource aws_kms_ciphertext can do without."

  include "data_region" {}

  argument "key_id" {
    about    = "The key: its id, its ARN, or the name or ARN of an alias."
    type     = string
    required = true
    length   = [1, 2048]
  }

  argument "plaintext" {
    about     = "What to encrypt."
    type      = string
    required  = true
    sensitive = true
    length    = [1, 4096]
  }

  argument "context" {
    about = "The encryption context, which decryption must give again."
    type  = map(string)
  }

  attribute "ciphertext_blob" {
    about = "The result, in base64."
    type  = string
    read  = sealed.CiphertextBlob
  }

  read {
    keep_when = (
      prior.ciphertext_blob != null && prior.key_id == self.key_id && prior.plaintext == self.plaintext &&
      jsonencode(or(prior.context, {})) == jsonencode(or(self.context, {})) && prior.region == or(self.region, provider.region)
    )

    call "Encrypt" {
      as      = "sealed"
      expects = reply.CiphertextBlob
      params = {
        KeyId             = self.key_id
        Plaintext         = base64encode(self.plaintext)
        EncryptionContext = length(or(self.context, {})) == 0 ? null : self.context
      }
    }

    id = sealed.KeyId
  }
}
