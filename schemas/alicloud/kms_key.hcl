# alicloud_kms_key: what a user may write, how it is read back, which API calls change it.

resource "alicloud_kms_key" {
  service = "kms"
  about   = "A KMS key (CMK)."
  destroy = "windowed"
  window  = or(prior.pending_window_in_days, 30)
  usable  = self.status == null ? null : self.status == "Enabled"
  rotates = startswith(or(self.key_spec, "Aliyun_AES_256"), "Aliyun_") && or(self.origin, "Aliyun_KMS") == "Aliyun_KMS" ? self.automatic_rotation == "Enabled" : null

  include "tags" {
    kind      = "key"
    force_new = false
  }

  include "own_region" {}

  # ---- what a user may write -------------------------------------------------

  argument "description" {
    about  = "What the key is for."
    type   = string
    length = [0, 8192]
    read   = key.Description
  }

  argument "key_usage" {
    about     = "What the key may be used for."
    type      = string
    computed  = true
    force_new = true
    one_of    = ["ENCRYPT/DECRYPT", "SIGN/VERIFY"]
    read      = key.KeyUsage
  }

  argument "key_spec" {
    about     = "The kind of key material; Aliyun_AES_256 when left out."
    type      = string
    computed  = true
    force_new = true
    one_of    = ["Aliyun_AES_256", "Aliyun_AES_128", "Aliyun_AES_192", "Aliyun_SM4", "RSA_2048", "RSA_3072", "EC_P256", "EC_P256K", "EC_SM2"]
    read      = key.KeySpec
  }

  argument "origin" {
    about     = "Where the key material comes from; Aliyun_KMS when left out."
    type      = string
    computed  = true
    force_new = true
    one_of    = ["Aliyun_KMS", "EXTERNAL"]
    read      = key.Origin
  }

  argument "protection_level" {
    about     = "How the key material is protected."
    type      = string
    default   = "SOFTWARE"
    force_new = true
    one_of    = ["SOFTWARE", "HSM"]

    # A KMS instance decides this itself and does not heed what was asked for.
    ignore_when = prior != null && or(prior.dkms_instance_id, null) != null
    read        = or(key.DKMSInstanceId, null) == null ? key.ProtectionLevel : or(self.protection_level, key.ProtectionLevel)
  }

  argument "dkms_instance_id" {
    about     = "The KMS instance that holds the key."
    type      = string
    computed  = true
    force_new = true
    within    = "alicloud_kms_instance"
    read      = or(key.DKMSInstanceId, null)
  }

  argument "automatic_rotation" {
    about    = "Whether new key material is made from time to time; Disabled when left out."
    type     = string
    computed = true
    one_of   = ["Enabled", "Disabled"]

    # While a key is disabled its rotation is suspended, and goes on with the key.
    read = key.AutomaticRotation == "Suspended" ? "Enabled" : key.AutomaticRotation
  }

  argument "rotation_interval" {
    about    = "The time between two rotations: 604800s or 7d."
    type     = string
    computed = true # taking it out changes nothing: the cloud keeps the one it has
    format   = "duration"
    same     = "duration"

    ignore_when = self.rotation_interval == ""

    # The cloud tells it only while the key rotates.
    read = or(key.RotationInterval, key.AutomaticRotation == "Enabled" ? null : self.rotation_interval)
  }

  argument "status" {
    about       = "Whether the key may be used; Enabled when left out. PendingDeletion is accepted and changes nothing: destroy the resource instead."
    type        = string
    computed    = true
    one_of      = ["Enabled", "Disabled", "PendingDeletion"]
    conflicts   = ["key_state"]
    ignore_when = self.status == "PendingDeletion" || (prior != null && prior.status == "PendingImport")
    read        = key.KeyState
  }

  argument "deletion_protection" {
    about    = "Whether the key is safe from deletion."
    type     = string
    computed = true
    one_of   = ["Enabled", "Disabled"]
    read     = key.DeletionProtection
  }

  argument "deletion_protection_description" {
    about = "Why the key is safe from deletion."
    type  = string
    needs = ["deletion_protection"]

    # The cloud keeps it only while the key is protected.
    read = or(key.DeletionProtectionDescription, key.DeletionProtection == "Enabled" ? null : self.deletion_protection_description)
  }

  argument "policy" {
    about    = "The key policy, as a JSON document."
    type     = string
    computed = true
    format   = "json_object"
    length   = [0, 32768]
    same     = "json"
    read     = or(policy, self.policy)

    # What modules write whose users may leave it out.
    ignore_when = self.policy == ""
  }

  lockout "policy" {
    keeps = "kms:SetKeyPolicy"
    uses  = ["kms:Decrypt"]
  }

  argument "pending_window_in_days" {
    about     = "Days from the destruction until the key is lost; 30 when left out."
    type      = number
    range     = [7, 366]
    conflicts = ["deletion_window_in_days"]
  }

  # Older names. They are rewritten to the argument they stand for before anything is planned, so that no operation
  # below mentions them.
  argument "deletion_window_in_days" {
    about      = "The older name of pending_window_in_days."
    type       = number
    range      = [7, 366]
    conflicts  = ["pending_window_in_days"]
    deprecated = "Use pending_window_in_days instead."
    alias_of   = "pending_window_in_days"
  }

  argument "key_state" {
    about      = "The older name of status."
    type       = string
    computed   = true
    conflicts  = ["status"]
    deprecated = "Use status instead."
    alias_of   = "status"
  }

  argument "is_enabled" {
    about      = "Whether status is Enabled."
    type       = bool
    computed   = true
    deprecated = "Use status instead."
    alias_of   = "status"
    into       = is_enabled ? "Enabled" : "Disabled"
    back       = status == "Enabled"
  }

  attribute "arn" {
    about = "The ARN of the key."
    type  = string
    read  = key.Arn
  }

  attribute "creation_date" {
    about = "When the key was made."
    type  = string
    read  = key.CreationDate
  }

  attribute "creator" {
    about = "The account that made the key."
    type  = string
    read  = key.Creator
  }

  attribute "delete_date" {
    about = "When the key will be lost, if its deletion is scheduled."
    type  = string
    read  = key.DeleteDate
  }

  attribute "last_rotation_date" {
    about = "When the key last rotated."
    type  = string
    read  = key.LastRotationDate
  }

  attribute "material_expire_time" {
    about = "When imported key material expires."
    type  = string
    read  = key.MaterialExpireTime
  }

  attribute "next_rotation_date" {
    about = "When the key rotates next."
    type  = string
    read  = key.NextRotationDate
  }

  attribute "primary_key_version" {
    about = "The id of the current version of the key."
    type  = string
    read  = key.PrimaryKeyVersion
  }

  rule {
    when    = startswith(or(self.key_spec, "Aliyun_AES_256"), "Aliyun_")
    holds   = or(self.key_usage, "ENCRYPT/DECRYPT") == "ENCRYPT/DECRYPT"
    message = "A symmetric key can only ENCRYPT/DECRYPT, not ${self.key_usage}. Choose an asymmetric key_spec."
  }

  rule {
    when    = contains(["EC_P256", "EC_P256K"], or(self.key_spec, ""))
    holds   = or(self.key_usage, "SIGN/VERIFY") == "SIGN/VERIFY"
    message = "A key of the spec ${self.key_spec} can only SIGN/VERIFY, not ${self.key_usage}."
  }

  rule {
    when    = self.automatic_rotation == "Enabled"
    holds   = startswith(or(self.key_spec, "Aliyun_AES_256"), "Aliyun_") && or(self.origin, "Aliyun_KMS") == "Aliyun_KMS"
    message = "Only symmetric keys whose material Alibaba Cloud makes can rotate. Take automatic_rotation out."
  }

  # Such a key cannot be enabled or disabled before its material is there, and is enabled then.
  rule {
    when    = prior == null && self.origin == "EXTERNAL"
    holds   = self.status == null
    message = "A key of the origin EXTERNAL waits until its material is imported, so it cannot be made with a status. Take status out."
  }

  rule {
    when    = prior != null && !replacing && prior.status == "Disabled" && self.status == "Disabled" && changed("automatic_rotation", "rotation_interval")
    holds   = self.automatic_rotation != "Enabled" && prior.automatic_rotation != "Enabled"
    message = "The rotation of a disabled key cannot be changed. Set status to \"Enabled\" together with the rotation, and back to \"Disabled\" afterwards."
  }

  rule {
    when    = self.automatic_rotation == "Enabled"
    holds   = self.rotation_interval != null
    message = "A key rotates after some time: give rotation_interval together with automatic_rotation."
  }

  rule {
    when    = self.automatic_rotation == "Enabled" && or(self.rotation_interval, null) != null && changed("rotation_interval")
    holds   = try(tonumber(regex("^[0-9]+", self.rotation_interval)) * { d = 86400, h = 3600, m = 60, s = 1 }[substr(self.rotation_interval, -1, 1)] >= 604800 && tonumber(regex("^[0-9]+", self.rotation_interval)) * { d = 86400, h = 3600, m = 60, s = 1 }[substr(self.rotation_interval, -1, 1)] <= 63072000, true)
    message = "A key rotates after 7 to 730 days, not after ${self.rotation_interval}."
  }

  rule {
    when    = or(self.rotation_interval, null) != null && changed("rotation_interval")
    holds   = self.automatic_rotation == "Enabled"
    warning = true
    message = "rotation_interval has no effect until automatic_rotation is Enabled."
  }

  rule {
    when    = self.deletion_protection_description != null
    holds   = self.deletion_protection == "Enabled"
    warning = true
    message = "deletion_protection_description has no effect until deletion_protection is Enabled."
  }

  rule {
    when    = self.status == "PendingDeletion"
    holds   = false
    warning = true
    message = "The status PendingDeletion changes nothing. To schedule the deletion of the key, destroy the resource."
  }

  timeouts {
    create = "5m"
    update = "5m"
    delete = "5m"
  }

  import {
    match   = "^(?:acs:kms:[^:]*:[0-9]*:key/)?(?P<id>[^/:]+)$"
    example = "key-hzz62f1cb66fa42qo9m7a"
  }

  # ---- how it is read back ---------------------------------------------------

  read {
    call "DescribeKey" {
      as      = "key"
      when    = length(regexall("^acs:kms:(${provider.region}:|.*(fin|hzjbp|gov))", or(self.arn, "acs:kms:${provider.region}:"))) > 0 || length(regexall("fin|hzjbp|gov", provider.region)) > 0
      params  = { KeyId = id }
      expects = try(reply.KeyMetadata.KeyState, "Enabled")
      shared  = true
      take    = reply.KeyMetadata
    }

    # Only keys of an instance have a policy that can be read.
    call "GetKeyPolicy" {
      as        = "policy"
      when      = or(key.DKMSInstanceId, null) != null
      params    = { KeyId = id, PolicyName = "default" }
      expects   = reply.RequestId
      shared    = true
      take      = reply.Policy
      null_when = contains(["Forbidden.ResourceNotFound", "Forbidden.KeyPolicyUnSupported"], error.code)
    }

    gone    = key.KeyState == "PendingDeletion"
    lost_at = or(key.DeleteDate, null)
  }

  # ---- what changes it -------------------------------------------------------

  # A new key carries a tag of this program, so that it is found again when the answer to its creation is lost.
  find {
    call "ListTagResources" {
      as      = "marks"
      params  = { RegionId = provider.region, ResourceType = "key", Tag = [{ Key = "keyform:id", Value = marker }] }
      pages   = { ask = "NextToken", next = reply.NextToken }
      expects = reply.RequestId
      take    = [for t in or(reply.TagResources.TagResource, []) : t.ResourceId if t.TagKey == "keyform:id" && t.TagValue == marker]
    }

    id = one(distinct(marks))
  }

  survey {
    call "ListTagResources" {
      as      = "marks"
      params  = { RegionId = provider.region, ResourceType = "key", Tag = [{ Key = "keyform:id" }] }
      pages   = { ask = "NextToken", next = reply.NextToken }
      expects = reply.RequestId
      take    = [for t in or(reply.TagResources.TagResource, []) : { id = t.ResourceId, marker = t.TagValue } if t.TagKey == "keyform:id"]
    }

    id = marks
  }

  create {
    call "CreateKey" {
      params = {
        Description             = or(self.description, null)
        KeyUsage                = self.key_usage
        KeySpec                 = self.key_spec
        Origin                  = self.origin
        ProtectionLevel         = self.protection_level
        DKMSInstanceId          = self.dkms_instance_id
        Policy                  = self.policy
        EnableAutomaticRotation = self.automatic_rotation == null ? null : self.automatic_rotation == "Enabled"
        RotationInterval        = self.automatic_rotation == "Enabled" ? self.rotation_interval : null
        Tags                    = length(or(self.tags, {})) == 0 && marker == null ? null : jsonencode([for k, v in merge(or(self.tags, {}), marker == null || length(or(self.tags, {})) >= 20 ? {} : { "keyform:id" = marker }) : { TagKey = k, TagValue = v }])
      }
      retry_when = error.code == "Forbidden.DKMSInstanceStateInvalid"
    }

    id = reply.KeyMetadata.KeyId

    # What CreateKey leaves behind. The groups below run after it only where the plan wants something else.
    leaves = {
      status                          = reply.KeyMetadata.KeyState
      deletion_protection             = "Disabled"
      deletion_protection_description = null
    }
  }

  # Groups run in the order in which they stand: enable first and disable last, because the rotation of a disabled
  # key cannot be changed.
  update "enable" {
    on   = ["status"]
    when = self.status == "Enabled"

    call "EnableKey" {
      params = { KeyId = id }
    }

    wait {
      until = key.KeyState == "Enabled"
      now   = true
    }
  }

  update "description" {
    on = ["description"]

    call "UpdateKeyDescription" {
      params = { KeyId = id, Description = or(self.description, "") }
    }
  }

  update "rotation" {
    on = ["automatic_rotation", "rotation_interval"]

    call "UpdateRotationPolicy" {
      when = self.automatic_rotation == "Enabled" || prior.automatic_rotation == "Enabled"
      params = {
        KeyId                   = id
        EnableAutomaticRotation = self.automatic_rotation == "Enabled"
        RotationInterval        = self.automatic_rotation == "Enabled" ? self.rotation_interval : null
      }
    }
  }

  update "deletion_protection" {
    on   = ["deletion_protection", "deletion_protection_description"]
    when = self.deletion_protection == "Enabled" || prior.deletion_protection == "Enabled"

    call "SetDeletionProtection" {
      params = {
        KeyId                         = id
        EnableDeletionProtection      = self.deletion_protection == "Enabled"
        DeletionProtectionDescription = self.deletion_protection == "Enabled" ? self.deletion_protection_description : null
      }
    }
  }

  update "policy" {
    on = ["policy"]

    call "SetKeyPolicy" {
      params = { KeyId = id, PolicyName = "default", Policy = self.policy }
    }
  }

  update "disable" {
    on   = ["status"]
    when = self.status == "Disabled"

    call "DisableKey" {
      params = { KeyId = id }
    }

    wait {
      until = key.KeyState == "Disabled"
    }
  }

  # The cloud does not tell when a key was used last.
  usage {
    call "ListAliasesByKeyId" {
      as      = "aliases"
      params  = { KeyId = id, PageSize = 100 }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      take    = or(reply.Aliases.Alias, [])
    }

    # No listing tells by which key a secret is encrypted.
    call "ListSecrets" {
      as      = "listed"
      params  = { PageSize = 100 }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      shared  = true
      take    = or(reply.SecretList.Secret, [])
    }

    call "DescribeSecret" {
      as        = "secrets"
      when      = listed != null
      for_each  = listed
      params    = { SecretName = each.value.SecretName }
      expects   = reply.SecretName
      shared    = true
      null_when = error.code == "Forbidden.ResourceNotFound"
    }

    secret_type = "alicloud_kms_secret"

    shows = {
      aliases   = aliases == null ? null : [for a in aliases : a.AliasName]
      secrets   = secrets == null ? null : [for s in secrets : s.SecretName if s != null && same("key_ref", s.EncryptionKeyId, id)]
      protected = self.deletion_protection == "Enabled"
    }
  }

  # Its state cannot be changed where it waits for its material or its end: then it cannot be used anyhow.
  retire {
    call "DisableKey" {
      params  = { KeyId = id }
      ok_when = error.code == "Rejected.StateModifiedFailed"
    }

    wait {
      until = gone || key.KeyState != "Enabled"
    }
  }

  delete {
    rule {
      guard   = true
      holds   = prior.deletion_protection != "Enabled"
      message = "The key ${id} is protected from deletion. Set deletion_protection to \"Disabled\" and apply that first."
    }

    call "ScheduleKeyDeletion" {
      params  = { KeyId = id, PendingWindowInDays = or(self.pending_window_in_days, 30) }
      ok_when = contains(["Forbidden.KeyNotFound", "Rejected.PendingDeletion", "Rejected.StateModifiedFailed"], error.code)
    }

    # A state that could not be changed is fine if it is the wanted one, and the refusal does not tell which it is.
    call "DescribeKey" {
      when   = reply == null
      params = { KeyId = id }

      refuse {
        when    = reply.KeyMetadata.KeyState != "PendingDeletion"
        message = "The service does not schedule the deletion of the key ${id} while it is in the state ${reply.KeyMetadata.KeyState}. Destroy it again when that has passed."
      }
    }
  }

  restore {
    call "CancelKeyDeletion" {
      params = { KeyId = id }
      ok_when = error.code == "Rejected.StateModifiedFailed"
    }

    wait {
      until = key.KeyState != "PendingDeletion"
    }

    leaves = { status = "Enabled" }
  }
}
