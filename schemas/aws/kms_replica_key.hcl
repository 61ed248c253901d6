# aws_kms_replica_key: a multi-Region key in another region.

resource "aws_kms_replica_key" {
  service = "kms"
  about   = "A replica of a multi-Region KMS key, with a policy, tags and a state of its own."
  destroy = "windowed"
  window  = or(prior.deletion_window_in_days, 30)
  usable  = self.enabled

  include "tags" {}

  include "key_description" {
    about = "What the replica is for."
  }

  include "deletion_window" {
    about = "Days from the destruction until the replica is lost."
  }

  argument "enabled" {
    about   = "Whether the replica may be used."
    type    = bool
    default = true

    # A key that is being made, moved or out of reach counts as not enabled, whatever it was told to be.
    read = contains(["Creating", "Unavailable", "Updating"], or(key.KeyState, "")) && self.enabled != null ? self.enabled : key.Enabled
  }

  attribute "key_rotation_enabled" {
    about = "Whether the primary key rotates."
    type  = bool
    read  = rotation.KeyRotationEnabled == true
  }

  attribute "key_spec" {
    about = "The kind of key material."
    type  = string
    read  = or(key.KeySpec, key.CustomerMasterKeySpec)
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
  include "rotation_status" {}

  read {
    refuse {
      when    = key.MultiRegion != true || key.MultiRegionConfiguration.PrimaryKey.Arn == key.Arn
      message = "The KMS key ${id} is no replica. Manage it with aws_kms_key."
    }

    refuse {
      when    = key.Origin != "AWS_KMS"
      message = "The KMS key ${id} has imported material. Manage it with aws_kms_replica_external_key."
    }
  }

  include "replication" {}

  create {
    leaves = {
      enabled = true
    }
  }

  include "enabling" {
    on   = ["enabled"]
    when = self.enabled == true
  }

  include "describing" {}
  include "key_policy" {}
  include "policy_writing" {}

  include "disabling" {
    on   = ["enabled"]
    when = self.enabled != true
  }

  include "key_deletion" {}

  restore {
    leaves = { enabled = false }
  }
}
