# The public half of an asymmetric key.

data "aws_kms_public_key" {
  service = "kms"
  region  = self.region
  about   = "The public key of an asymmetric KMS key."

  include "data_region" {}

  argument "key_id" {
    about    = "The key: its id, its ARN, or the name or ARN of an alias."
    type     = string
    required = true
    length   = [1, 2048]
  }

  argument "grant_tokens" {
    about = "Tokens of grants that are not known everywhere yet."
    type  = list(string)
  }

  attribute "arn" {
    about = "The ARN of the key."
    type  = string
    read  = key.KeyId
  }

  attribute "customer_master_key_spec" {
    about = "The kind of key material."
    type  = string
    read  = or(key.KeySpec, key.CustomerMasterKeySpec)
  }

  attribute "encryption_algorithms" {
    about = "The algorithms for encryption under the key."
    type  = list(string)
    read  = or(key.EncryptionAlgorithms, [])
  }

  attribute "key_usage" {
    about = "What the key may be used for."
    type  = string
    read  = key.KeyUsage
  }

  attribute "public_key" {
    about = "The public key: a DER SubjectPublicKeyInfo in base64."
    type  = string
    read  = key.PublicKey
  }

  attribute "public_key_pem" {
    about = "The public key in PEM."
    type  = string
    read  = join("\n", concat(["-----BEGIN PUBLIC KEY-----"], regexall(".{1,64}", key.PublicKey), ["-----END PUBLIC KEY-----", ""]))
  }

  attribute "signing_algorithms" {
    about = "The algorithms for signatures with the key."
    type  = list(string)
    read  = or(key.SigningAlgorithms, [])
  }

  read {
    call "GetPublicKey" {
      as      = "key"
      params  = { KeyId = self.key_id, GrantTokens = length(or(self.grant_tokens, [])) == 0 ? null : self.grant_tokens }
      expects = reply.PublicKey
      shared  = true
    }

    id = key.KeyId
  }
}
