# Texts decrypted.

data "aws_kms_secrets" {
  service = "kms"
  region  = self.region
  about   = "Texts that were encrypted with KMS keys, decrypted. They are kept in state."

  include "data_region" {}

  block "secret" {
    about   = "One ciphertext."
    nesting = "set"
    min     = 1

    argument "name" {
      about    = "The name under which the plain text is found."
      type     = string
      required = true
    }

    argument "payload" {
      about    = "The ciphertext, in base64."
      type     = string
      required = true
      format   = "base64"
    }

    argument "context" {
      about = "The encryption context that was given when it was encrypted."
      type  = map(string)
    }

    argument "encryption_algorithm" {
      about  = "The algorithm, for asymmetric keys."
      type   = string
      one_of = ["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]
    }

    argument "grant_tokens" {
      about = "Tokens of grants that are not known everywhere yet."
      type  = list(string)
    }

    argument "key_id" {
      about = "The key, for asymmetric keys. A symmetric ciphertext names its own."
      type  = string
    }
  }

  attribute "plaintext" {
    about     = "The plain texts by name."
    type      = map(string)
    sensitive = true
    read      = { for secret in secrets : secret.name => secret.text }
  }

  rule {
    holds   = length(distinct([for secret in self.secret : secret.name])) == length(self.secret)
    message = "Each secret needs a name of its own."
  }

  read {
    call "Decrypt" {
      as        = "secrets"
      for_each  = self.secret
      sensitive = true
      expects   = reply.Plaintext
      take      = { name = each.value.name, text = try(base64decode(reply.Plaintext), null) }
      params = {
        CiphertextBlob      = each.value.payload
        EncryptionAlgorithm = each.value.encryption_algorithm
        EncryptionContext   = length(or(each.value.context, {})) == 0 ? null : each.value.context
        GrantTokens         = length(or(each.value.grant_tokens, [])) == 0 ? null : each.value.grant_tokens
        KeyId               = each.value.key_id
      }
    }

    refuse {
      when    = length([for secret in secrets : secret if secret.text == null]) > 0
      message = "A plain text is no UTF-8 text, so that it cannot be a value. Encrypt binary data in base64."
    }

    id = or(self.region, provider.region)
  }
}
