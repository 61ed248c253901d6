# An alias and the key that it names.

data "aws_kms_alias" {
  service = "kms"
  region  = self.region
  about   = "An alias of a KMS key. Those of AWS services are found too; asking for one makes its key."

  include "data_region" {}

  argument "name" {
    about    = "The name; it begins with alias/."
    type     = string
    required = true
    pattern  = "^alias/[0-9A-Za-z_/-]+$"
    length   = [1, 256]
  }

  attribute "arn" {
    about = "The ARN of the alias."
    type  = string
    read  = join(":", concat(slice(split(":", key.Arn), 0, 5), [self.name]))
  }

  attribute "target_key_id" {
    about = "The id of the key."
    type  = string
    read  = key.KeyId
  }

  attribute "target_key_arn" {
    about = "The ARN of the key."
    type  = string
    read  = key.Arn
  }

  # The key itself tells all there is: no list of all aliases is needed.
  read {
    call "DescribeKey" {
      as      = "key"
      params  = { KeyId = self.name }
      expects = reply.KeyMetadata.Arn
      shared  = true
      take    = reply.KeyMetadata
    }

    id = join(":", concat(slice(split(":", key.Arn), 0, 5), [self.name]))
  }
}
