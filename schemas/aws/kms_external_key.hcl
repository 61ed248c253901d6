# aws_kms_external_key: a key whose material is imported.

resource "aws_kms_external_key" {
  service = "kms"
  about   = "A single-Region or multi-Region primary KMS key whose material is imported."
  destroy = "windowed"
  window  = or(prior.deletion_window_in_days, 30)
  usable  = self.enabled
  expires = self.valid_to

  include "tags" {}

  include "key_description" {
    about = "What the key is for."
  }

  include "deletion_window" {
    about = "Days from the destruction until the key is lost."
  }

  argument "key_spec" {
    about     = "The kind of key material; SYMMETRIC_DEFAULT when left out."
    type      = string
    computed  = true
    force_new = true
    one_of = [
      "SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519",
      "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "SM2", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87",
    ]
    read = or(key.KeySpec, key.CustomerMasterKeySpec)
  }

  argument "key_usage" {
    about     = "What the key may be used for; ENCRYPT_DECRYPT when left out."
    type      = string
    computed  = true
    force_new = true
    one_of    = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"]
    read      = key.KeyUsage
  }

  include "multi_region" {}

  include "spec_and_usage" {
    spec  = self.key_spec
    usage = self.key_usage
    name  = "key_spec"
  }

  include "key_import" {
    example = "1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  include "described_key" {}

  read {
    refuse {
      when    = key.Origin != "EXTERNAL"
      message = "The material of the KMS key ${id} is not imported: its origin is ${key.Origin}. Manage it with aws_kms_key."
    }

    refuse {
      when    = key.MultiRegion == true && key.MultiRegionConfiguration.PrimaryKey.Arn != key.Arn
      message = "The KMS key ${id} is a multi-Region replica. Manage it where its primary key is, or with aws_kms_replica_external_key."
    }
  }

  create {
    call "CreateKey" {
      params = {
        BypassPolicyLockoutSafetyCheck = self.bypass_policy_lockout_safety_check
        Description                    = or(self.description, null)
        KeySpec                        = self.key_spec
        KeyUsage                       = self.key_usage
        MultiRegion                    = self.multi_region == true ? true : null
        Origin                         = "EXTERNAL"
        Policy                         = self.policy
        Tags                           = marker == null && length(or(self.tags_all, {})) == 0 ? null : [for k, v in merge(or(self.tags_all, {}), marker == null ? {} : { "keyform:id" = marker }) : { TagKey = k, TagValue = v }]
      }

      # A principal that was created a moment ago may not be known to KMS yet.
      retry_when = error.code == "MalformedPolicyDocumentException" && !contains_text(error.message, "will not allow you to update the key policy")
    }

    id = reply.KeyMetadata.KeyId
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

  include "marked" {}
}
