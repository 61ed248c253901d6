# All keys of a region.

data "aws_kms_keys" {
  service = "kms"
  region  = self.region
  about   = "All KMS keys of the account in a region, those of AWS services and those that are being deleted among them."

  include "data_region" {}

  attribute "ids" {
    about = "Their ids."
    type  = list(string)
    read  = sort([for k in keys : k.KeyId])
  }

  attribute "arns" {
    about = "Their ARNs."
    type  = list(string)
    read  = sort([for k in keys : k.KeyArn])
  }

  read {
    call "ListKeys" {
      as      = "keys"
      params  = { Limit = 1000 }
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.Keys
      take    = reply.Keys
      shared  = true
    }

    id = or(self.region, provider.region)
  }
}
