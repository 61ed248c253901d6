# aws_kms_key: what a user may write, how it is read back, which API calls change it.

resource "aws_kms_key" {
  service = "kms"
  about   = "A single-Region or multi-Region primary KMS key."
  destroy = "windowed"
  window  = or(prior.deletion_window_in_days, 30)
  usable  = self.is_enabled
  rotates = self.customer_master_key_spec == "SYMMETRIC_DEFAULT" && self.custom_key_store_id == null ? self.enable_key_rotation == true : null

  include "tags" {}

  # ---- what a user may write -------------------------------------------------

  argument "description" {
    about    = "What the key is for."
    type     = string
    computed = true
    length   = [0, 8192]
    read     = or(key.Description, "")
  }

  argument "key_usage" {
    about     = "What the key may be used for."
    type      = string
    default   = "ENCRYPT_DECRYPT"
    force_new = true
    one_of    = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"]
    read      = key.KeyUsage
  }

  argument "customer_master_key_spec" {
    about     = "The kind of key material."
    type      = string
    default   = "SYMMETRIC_DEFAULT"
    force_new = true
    one_of = [
      "SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519",
      "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "SM2", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87",
    ]
    read = or(key.KeySpec, key.CustomerMasterKeySpec)
  }

  argument "is_enabled" {
    about   = "Whether the key may be used."
    type    = bool
    default = true

    # A key that is being made, moved or out of reach counts as not enabled, whatever it was told to be.
    read = contains(["Creating", "Unavailable", "Updating"], or(key.KeyState, "")) && self.is_enabled != null ? self.is_enabled : key.Enabled
  }

  argument "enable_key_rotation" {
    about   = "Whether new key material is made from time to time."
    type    = bool
    default = false
    read    = rotation.KeyRotationEnabled == true
  }

  argument "rotation_period_in_days" {
    about    = "Days between two rotations."
    type     = number
    computed = true
    range    = [90, 2560]
    needs    = ["enable_key_rotation"]

    # The cloud tells it only while the key rotates, and an emulator never.
    read = or(rotation.RotationPeriodInDays, self.rotation_period_in_days)
  }

  argument "deletion_window_in_days" {
    about = "Days from the destruction until the key is lost; 30 when left out."
    type  = number
    range = [7, 30]
  }

  include "multi_region" {}

  argument "custom_key_store_id" {
    about     = "The custom key store that holds the key."
    type      = string
    force_new = true
    length    = [1, 22]
    read      = key.CustomKeyStoreId
  }

  argument "xks_key_id" {
    about     = "The external key that the key stands for."
    type      = string
    force_new = true
    length    = [1, 128]
    needs     = ["custom_key_store_id"]
    read      = key.XksKeyConfiguration.Id
  }

  include "spec_and_usage" {
    spec  = self.customer_master_key_spec
    usage = self.key_usage
    name  = "customer_master_key_spec"
  }

  rule {
    when    = self.enable_key_rotation == true
    holds   = self.customer_master_key_spec == "SYMMETRIC_DEFAULT" && self.custom_key_store_id == null
    message = "Only keys with the spec SYMMETRIC_DEFAULT outside custom key stores can rotate. Take enable_key_rotation out."
  }

  rule {
    when    = self.rotation_period_in_days != null && changed("rotation_period_in_days")
    holds   = self.enable_key_rotation == true
    warning = true
    message = "rotation_period_in_days has no effect until enable_key_rotation is true."
  }

  rule {
    when    = prior != null && !replacing && prior.is_enabled == false && self.is_enabled == false
    holds   = !changed("enable_key_rotation", "rotation_period_in_days")
    message = "The rotation of a disabled key cannot be changed. Set is_enabled to true together with the rotation, and back to false afterwards."
  }

  timeouts {
    create = "2m"
  }

  include "key_import" {
    example = "1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  # ---- how it is read back ---------------------------------------------------

  include "described_key" {}
  include "key_id" {}
  include "rotation_status" {}

  read {
    refuse {
      when    = key.MultiRegion == true && key.MultiRegionConfiguration.PrimaryKey.Arn != key.Arn
      message = "The KMS key ${id} is a multi-Region replica. Manage it where its primary key is, or with aws_kms_replica_key."
    }
  }

  # ---- what changes it -------------------------------------------------------

  create {
    call "CreateKey" {
      params = {
        BypassPolicyLockoutSafetyCheck = self.bypass_policy_lockout_safety_check
        CustomKeyStoreId               = self.custom_key_store_id
        Description                    = or(self.description, null)
        KeySpec                        = self.customer_master_key_spec
        KeyUsage                       = self.key_usage
        MultiRegion                    = self.multi_region == true ? true : null
        Origin                         = self.xks_key_id != null ? "EXTERNAL_KEY_STORE" : (self.custom_key_store_id != null ? "AWS_CLOUDHSM" : null)
        Policy                         = self.policy
        Tags                           = marker == null && length(or(self.tags_all, {})) == 0 ? null : [for k, v in merge(or(self.tags_all, {}), marker == null ? {} : { "keyform:id" = marker }) : { TagKey = k, TagValue = v }]
        XksKeyId                       = self.xks_key_id
      }

      # A principal that was created a moment ago may not be known to KMS yet.
      retry_when = error.code == "MalformedPolicyDocumentException" && !contains_text(error.message, "will not allow you to update the key policy")
    }

    id = reply.KeyMetadata.KeyId

    # What CreateKey leaves behind. The groups below run after it only where the plan wants something else.
    leaves = {
      is_enabled              = true
      enable_key_rotation     = false
      rotation_period_in_days = null
    }
  }

  # Groups run in the order in which they stand: enable first and disable last, because the rotation of a disabled key
  # cannot be changed.
  include "enabling" {
    on   = ["is_enabled"]
    when = self.is_enabled == true
  }

  update "rotation" {
    on   = ["enable_key_rotation", "rotation_period_in_days"]
    when = self.enable_key_rotation == true || prior.enable_key_rotation == true

    call "EnableKeyRotation" {
      when       = self.enable_key_rotation == true
      params     = { KeyId = id, RotationPeriodInDays = self.rotation_period_in_days }
      retry_when = contains(["NotFoundException", "DisabledException"], error.code)
      retry_for  = "10m"
    }

    call "DisableKeyRotation" {
      when       = self.enable_key_rotation != true && prior.enable_key_rotation == true
      params     = { KeyId = id }
      retry_when = contains(["NotFoundException", "DisabledException"], error.code)
      retry_for  = "10m"
    }

    wait {
      until = (rotation.KeyRotationEnabled == true) == (self.enable_key_rotation == true) && (self.enable_key_rotation != true || rotation.RotationPeriodInDays == null || or(self.rotation_period_in_days, rotation.RotationPeriodInDays) == rotation.RotationPeriodInDays)
      times = 5
    }
  }

  include "describing" {}
  include "key_policy" {}
  include "policy_writing" {}

  include "disabling" {
    on   = ["is_enabled"]
    when = self.is_enabled != true
  }

  include "key_deletion" {}

  include "marked" {}

  restore {
    leaves = { is_enabled = false }
  }
}
