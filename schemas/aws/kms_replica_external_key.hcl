# aws_kms_replica_external_key: a multi-Region key with imported material in another region.

resource "aws_kms_replica_external_key" {
  service = "kms"
  about   = "A replica of a multi-Region KMS key with imported material. The same material must be imported into it."
  destroy = "windowed"
  window  = or(prior.deletion_window_in_days, 30)
  usable  = self.enabled
  expires = self.valid_to

  include "tags" {}

  include "key_description" {
    about = "What the replica is for."
  }

  include "deletion_window" {
    about = "Days from the destruction until the replica is lost."
  }

  attribute "key_usage" {
    about = "What the key may be used for."
    type  = string
    read  = key.KeyUsage
  }

  include "key_import" {
    example = "mrk-1234abcd12ab34cd56ef1234567890ab@eu-central-1"
  }

  include "described_key" {}
  include "key_id" {}

  read {
    refuse {
      when    = key.MultiRegion != true || key.MultiRegionConfiguration.PrimaryKey.Arn == key.Arn
      message = "The KMS key ${id} is no replica. Manage it with aws_kms_external_key."
    }

    refuse {
      when    = key.Origin != "EXTERNAL"
      message = "The material of the KMS key ${id} is not imported: its origin is ${key.Origin}. Manage it with aws_kms_replica_key."
    }
  }

  include "replication" {}

  include "imported_material" {}

  include "enabling" {
    on   = ["enabled"]
    when = self.enabled == true && self.key_state != "PendingImport"
  }

  include "describing" {}
  include "key_policy" {}
  include "policy_writing" {}

  include "disabling" {
    on   = ["enabled"]
    when = self.enabled == false && self.key_state != "PendingImport"
  }

  include "key_deletion" {}

  restore {
    leaves = { enabled = false }
  }
}
