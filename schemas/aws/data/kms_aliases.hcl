# All aliases of a region, or of a key.

data "aws_kms_aliases" {
  service = "kms"
  region  = self.region
  about   = "The aliases of the account in a region, or those of one key."

  include "data_region" {}

  argument "key_id" {
    about = "The key whose aliases to find, by its id or ARN."
    type  = string
  }

  argument "name_prefix" {
    about = "How the names begin; all when left out."
    type  = string
  }

  attribute "names" {
    about = "Their names."
    type  = list(string)
    read  = sort([for a in aliases : a.AliasName])
  }

  attribute "arns" {
    about = "Their ARNs."
    type  = list(string)
    read  = sort([for a in aliases : a.AliasArn])
  }

  attribute "target_key_ids" {
    about = "The ids of their keys by name. Names of AWS services that were never used have none."
    type  = map(string)
    read  = { for a in aliases : a.AliasName => a.TargetKeyId if a.TargetKeyId != null }
  }

  # One listing serves all who ask for the same.
  read {
    call "ListAliases" {
      as      = "aliases"
      params  = { KeyId = self.key_id, Limit = 100 }
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.Aliases
      take    = [for a in reply.Aliases : a if startswith(a.AliasName, or(self.name_prefix, ""))]
      shared  = true
    }

    id = or(self.key_id, or(self.region, provider.region))
  }
}
