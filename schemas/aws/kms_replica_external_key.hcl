# aws_kms_replica_external_key: a multi-Region key with imported material in another region.

resource "aws_kms_replica_external_key" {
  service = "kms"
  about   = "A replica of a multi-Region KMS key with imported material. The same material must be imported into it."
  destroy = "windowed"
  window  = or(prior.deletion_window_in_days, 30)

  include "tags" {}

  argument "description" {
    about  = "What the replica is for."
    type   = string
    length = [0, 8192]
    read   = or(key.Description, "")
  }

  argument "deletion_window_in_days" {
    about   = "Days from the destruction until the replica is lost."
    type    = number
    default = 30
    range   = [7, 30]
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

  create {
    # Imported material enables the key. Without material nothing can be enabled or disabled.
    leaves = {
      enabled   = self.key_material_base64 == null ? self.enabled : true
      key_state = "PendingImport"
      valid_to  = null
    }
  }

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
