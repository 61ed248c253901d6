# alicloud_kms_secret: a secret with its value, kept by the cloud.
#
# What a change of the value does is the provider's secret_updates: "replace" makes a new secret, "in_place" puts a
# new version into the one there is.

resource "alicloud_kms_secret" {
  service = "kms"
  about   = "A secret and its current version."
  destroy = "windowed"
  window  = prior.force_delete_without_recovery == true ? 0 : or(prior.recovery_window_in_days, 30)

  include "tags" {
    kind      = "secret"
    force_new = provider.secret_updates != "in_place"
  }

  include "own_region" {}

  # ---- what a user may write -------------------------------------------------

  argument "secret_name" {
    about     = "The name."
    type      = string
    required  = true
    force_new = true
    pattern   = "^[A-Za-z0-9_/+=.@$-]{1,192}$"

    # The cloud names the secret of a RAM user after the user.
    ignore_when = prior != null && self.secret_type == "RAMCredentials"
    read        = secret.SecretName
  }

  # A secret of any other type than Generic changes its value on its own: once made, the value is not ours.
  argument "secret_data" {
    about       = "The value."
    type        = string
    sensitive   = true
    length      = [1, 30720]
    exactly_one = ["secret_data", "secret_data_wo"]
    ignore_when = prior != null && or(self.secret_type, "Generic") != "Generic" && self.secret_data != null
    read        = self.secret_data_wo_version != null ? null : or(or(value, current).SecretData, self.secret_data)

    # Who moves the value out of the state keeps the secret.
    force_new = provider.secret_updates != "in_place" && self.secret_data != null
  }

  argument "secret_data_wo" {
    about      = "The value. It is not kept in state; change secret_data_wo_version and version_id to store another one."
    type       = string
    sensitive  = true
    write_only = true
    length     = [1, 30720]
    needs      = ["secret_data_wo_version"]
  }

  # The same value is sent once more where nobody has told yet that it is written so: that changes nothing.
  argument "secret_data_wo_version" {
    about       = "Any text; when it changes, together with version_id, secret_data_wo is stored."
    type        = string
    needs       = ["secret_data_wo"]
    ignore_when = prior.secret_data_wo_version != null && or(self.secret_type, "Generic") != "Generic"
    force_new   = provider.secret_updates != "in_place" && prior.secret_data_wo_version != null
  }

  argument "version_id" {
    about       = "The name of the version that holds the value. A new value needs a new one."
    type        = string
    required    = true
    length      = [1, 64]
    force_new   = provider.secret_updates != "in_place"
    ignore_when = prior != null && or(self.secret_type, "Generic") != "Generic"
    read        = or(or(value, current).VersionId, self.version_id)
  }

  argument "secret_data_type" {
    about     = "The type of the value; text when left out."
    type      = string
    default   = "text"
    force_new = provider.secret_updates != "in_place"
    one_of    = ["text", "binary"]
    read      = or(or(value, current).SecretDataType, self.secret_data_type)
  }

  argument "version_stages" {
    about    = "The stages that mark the version; ACSCurrent when left out."
    type     = set(string)
    computed = true

    # The version that is ours is to be the one in use, unless marks are moved on purpose.
    plan = or(prior.version_stages, null) == null ? ["ACSCurrent"] : (
      contains(prior.version_stages, "ACSCurrent") || self.move_to_version != null || self.remove_from_version != null
      ? prior.version_stages
      : setunion(setsubtract(prior.version_stages, ["ACSPrevious"]), ["ACSCurrent"])
    )

    read = or(value, current) == null ? self.version_stages : or(value, current).VersionStages.VersionStage
  }

  argument "secret_type" {
    about     = "The type of the secret; Generic when left out."
    type      = string
    computed  = true
    force_new = true
    one_of    = ["Generic", "Rds", "Redis", "RAMCredentials", "ECS", "PolarDB"]
    read      = secret.SecretType
  }

  argument "encryption_key_id" {
    about     = "The key that encrypts the value."
    type      = string
    computed  = true
    force_new = true
    same      = "key_ref"
    read      = or(secret.EncryptionKeyId, null)
  }

  argument "dkms_instance_id" {
    about     = "The KMS instance that holds the secret."
    type      = string
    computed  = true
    force_new = true
    within    = "alicloud_kms_instance"
    read      = or(secret.DKMSInstanceId, null)
  }

  argument "extended_config" {
    about       = "What a managed secret is for, as a JSON document."
    type        = string
    force_new   = true
    format      = "json_object"
    length      = [0, 1024]
    same        = "json"
    ignore_when = prior != null && or(self.secret_type, "Generic") != "Generic"
    read        = or(secret.ExtendedConfig, null)
  }

  argument "enable_automatic_rotation" {
    about = "Whether the cloud changes the value from time to time. Generic secrets cannot."
    type  = bool
    read  = secret.AutomaticRotation == "Enabled"
  }

  argument "rotation_interval" {
    about     = "The time between two rotations: 604800s or 7d."
    type      = string
    computed  = true # taking it out changes nothing: the cloud keeps the one it has
    format    = "duration"
    same      = "duration"
    force_new = provider.secret_updates != "in_place"

    ignore_when = self.rotation_interval == ""

    # The cloud tells it only while the secret rotates.
    read = or(secret.RotationInterval, secret.AutomaticRotation == "Enabled" ? null : self.rotation_interval)
  }

  argument "policy" {
    about    = "The policy of the secret, as a JSON document."
    type     = string
    computed = true
    format   = "json_object"
    length   = [0, 32768]
    same     = "json"
    read     = or(policy, self.policy)

    # What modules write whose users may leave it out.
    ignore_when = self.policy == ""
  }

  argument "policy_name" {
    about = "The name of the policy; default when left out, which is the only one so far."
    type  = string
  }

  argument "description" {
    about = "What the secret is for."
    type  = string
    read  = secret.Description
  }

  argument "custom_data" {
    about     = "CustomData of the extended configuration, as a JSON document."
    type      = string
    format    = "json_object"
    same      = "json"
    conflicts = ["extended_config_custom_data"]
  }

  argument "extended_config_custom_data" {
    about     = "CustomData of the extended configuration. What is written here replaces what is there."
    type      = map(string)
    conflicts = ["custom_data"]
  }

  # The marking of versions: VersionStage is the one that version_stages names, ACSCurrent when it does not.
  argument "move_to_version" {
    about = "The version to mark with the stage in version_stages, or with ACSCurrent."
    type  = string
  }

  argument "remove_from_version" {
    about = "The version that loses that mark."
    type  = string
  }

  # Selectors of a tagging API that tags keys and certificates too. For a secret there is nothing to select.
  argument "key_id" {
    about     = "Has no effect: the secret is selected by its name. Not together with certificate_id."
    type      = string
    conflicts = ["certificate_id"]
  }

  argument "certificate_id" {
    about     = "Has no effect: the secret is selected by its name. Not together with key_id."
    type      = string
    conflicts = ["key_id"]
  }

  argument "force_delete_without_recovery" {
    about   = "Delete at once, so that nothing can be called back and the name is free again."
    type    = bool
    default = false
  }

  argument "recovery_window_in_days" {
    about       = "Days from the destruction until the secret is lost."
    type        = number
    default     = 30
    range       = [7, 30]
    ignore_when = prior != null && self.force_delete_without_recovery == true
  }

  attribute "arn" {
    about = "The ARN of the secret."
    type  = string
    read  = secret.Arn
  }

  attribute "create_time" {
    about = "When the secret was made."
    type  = string
    read  = secret.CreateTime
  }

  attribute "planned_delete_time" {
    about = "When the secret will be lost, if its deletion is scheduled."
    type  = string
    read  = secret.PlannedDeleteTime
  }

  rule {
    when    = prior != null && !replacing && or(self.secret_type, "Generic") == "Generic" && ((changed("secret_data") && self.secret_data != null) || (changed("secret_data_wo_version") && prior.secret_data_wo_version != null && self.secret_data_wo_version != null))
    holds   = changed("version_id")
    message = "The version ${self.version_id} is stored already and cannot hold another value. Give version_id a new value together with ${self.secret_data_wo_version == null ? "secret_data" : "secret_data_wo_version"}."
  }

  rule {
    when    = prior != null && !replacing && changed("version_stages") && !changed("version_id")
    holds   = length(setsubtract(or(self.version_stages, []), or(prior.version_stages, []))) <= 2 && length(setsubtract(or(prior.version_stages, []), or(self.version_stages, []))) <= 2
    message = "Of a version that is stored already, two stages can be added and two be taken away in one go. Change version_stages in steps, or give version_id a new value."
  }

  rule {
    when    = prior != null && replacing && !changed("secret_name")
    holds   = prior.force_delete_without_recovery == true
    message = "The secret ${self.secret_name} would be replaced, but its name stays taken for the ${or(prior.recovery_window_in_days, 30)} days in which the old one can be called back. If it is replaced because of -replace, replace_triggered_by or a taint, take that back (\"untaint\"). Otherwise set secret_updates = \"in_place\" in the provider to change the secret as it is, or give the new one another secret_name, or first apply force_delete_without_recovery = true, which deletes the old one for good."
  }

  rule {
    when    = self.enable_automatic_rotation == true
    holds   = or(self.secret_type, "Generic") != "Generic"
    message = "A secret of the type Generic cannot rotate by itself. Choose a managed secret_type, or take enable_automatic_rotation out."
  }

  rule {
    when    = self.enable_automatic_rotation == true && or(self.rotation_interval, null) != null && changed("rotation_interval")
    holds   = try(tonumber(regex("^[0-9]+", self.rotation_interval)) * { d = 86400, h = 3600, m = 60, s = 1 }[substr(self.rotation_interval, -1, 1)] >= 21600 && tonumber(regex("^[0-9]+", self.rotation_interval)) * { d = 86400, h = 3600, m = 60, s = 1 }[substr(self.rotation_interval, -1, 1)] <= 31536000, true)
    message = "A secret rotates after 6 hours to 365 days, not after ${self.rotation_interval}."
  }

  rule {
    when    = or(self.rotation_interval, null) != null && changed("rotation_interval")
    holds   = self.enable_automatic_rotation == true
    warning = true
    message = "rotation_interval has no effect until enable_automatic_rotation is true."
  }

  rule {
    when    = self.custom_data != null || length(or(self.extended_config_custom_data, {})) > 0
    holds   = or(self.secret_type, "Generic") != "Generic"
    message = "A secret of the type Generic has no extended configuration, so there is no place for custom data."
  }

  rule {
    when    = or(self.secret_type, "Generic") != "Generic"
    holds   = self.secret_data_type == "text"
    message = "A secret of the type ${self.secret_type} has secret_data_type \"text\"."
  }

  rule {
    when    = self.secret_type == "ECS"
    holds   = startswith(or(self.secret_name, "acs/ecs/"), "acs/ecs/")
    warning = true
    message = "The service may want the name of an ECS secret to begin with acs/ecs/."
  }

  rule {
    when    = contains(["Generic", "Rds", "Redis"], or(self.secret_type, "Generic"))
    holds   = !startswith(or(self.secret_name, ""), "acs/")
    message = "The name of a secret of this type cannot begin with acs/."
  }

  timeouts {
    create = "5m"
    update = "5m"
    delete = "5m"
  }

  import {
    match   = "^(?:acs:kms:[^:]*:[0-9]*:secret/)?(?P<id>.+)$"
    example = "my-secret"
  }

  # ---- how it is read back ---------------------------------------------------

  read {
    call "DescribeSecret" {
      as      = "secret"
      when    = length(regexall("^acs:kms:(${provider.region}:|.*(fin|hzjbp|gov))", or(self.arn, "acs:kms:${provider.region}:"))) > 0 || length(regexall("fin|hzjbp|gov", provider.region)) > 0
      params  = { SecretName = id }
      expects = reply.SecretName
      shared  = true
    }

    # The version that is ours, wherever its marks have moved; after an import the current one.
    call "GetSecretValue" {
      as        = "value"
      sensitive = true
      params    = { SecretName = id, VersionId = or(self.secret_type, "Generic") == "Generic" ? self.version_id : null }
      expects   = reply.SecretData
      when      = secret != null && or(secret.PlannedDeleteTime, null) == null
      null_when = error.code == "Forbidden.ResourceNotFound"
    }

    # When our version is there no more, the current one shows what took its place.
    call "GetSecretValue" {
      as        = "current"
      sensitive = true
      params    = { SecretName = id }
      expects   = reply.SecretData
      when      = secret != null && value == null && or(secret.PlannedDeleteTime, null) == null
      null_when = error.code == "Forbidden.ResourceNotFound"
    }

    # Only secrets of an instance have a policy that can be read.
    call "GetSecretPolicy" {
      as        = "policy"
      when      = or(secret.DKMSInstanceId, null) != null
      params    = { SecretName = id, PolicyName = or(self.policy_name, "default") }
      expects   = reply.RequestId
      take      = reply.Policy
      null_when = error.code == "Forbidden.ResourceNotFound"
    }

    gone    = or(secret.PlannedDeleteTime, null) != null
    lost_at = or(secret.PlannedDeleteTime, null)
  }

  # ---- what changes it -------------------------------------------------------

  create {
    # A second CreateSecret of the same name fails, so nothing can come to be twice. When the answer to the first was
    # lost, the secret is found by its name.
    repeatable = true

    call "CreateSecret" {
      params = {
        SecretName              = self.secret_name
        SecretData              = or(self.secret_data, self.secret_data_wo)
        SecretDataType          = self.secret_data_type
        VersionId               = self.version_id
        SecretType              = self.secret_type
        EncryptionKeyId         = self.encryption_key_id
        DKMSInstanceId          = self.dkms_instance_id
        ExtendedConfig          = or(self.extended_config, null)
        EnableAutomaticRotation = self.enable_automatic_rotation
        RotationInterval        = self.enable_automatic_rotation == true ? self.rotation_interval : null
        Policy                  = self.policy
        Description             = or(self.description, null)
        Tags                    = length(or(self.tags, {})) == 0 ? null : jsonencode([for k, v in self.tags : { TagKey = k, TagValue = v }])
      }
    }

    # The cloud names the secret of a RAM user itself.
    id = or(reply.SecretName, self.secret_name)

    # What CreateSecret leaves behind. The groups below run after it only where the plan wants something else.
    leaves = {
      version_stages              = ["ACSCurrent"]
      custom_data                 = null
      extended_config_custom_data = null
      move_to_version             = null
      remove_from_version         = null
    }
  }

  update "value" {
    on   = ["secret_data", "secret_data_wo_version", "version_id", "secret_data_type"]
    when = or(self.secret_type, "Generic") == "Generic"

    call "PutSecretValue" {
      params = {
        SecretName     = id
        SecretData     = or(self.secret_data, self.secret_data_wo)
        SecretDataType = self.secret_data_type
        VersionId      = self.version_id
        VersionStages  = changed("version_stages") || contains(or(self.version_stages, []), "ACSCurrent") ? jsonencode(self.version_stages) : null
      }
    }
  }

  # Putting a version that exists again does not mark it anew. The service moves its own stages, ACSCurrent and
  # ACSPrevious, from version to version: they are never taken away.
  update "stages" {
    on   = ["version_stages"]
    when = or(self.secret_type, "Generic") == "Generic" && !changed("version_id")

    call "UpdateSecretVersionStage" {
      when   = length(setsubtract(or(self.version_stages, []), or(prior.version_stages, []))) > 0
      params = { SecretName = id, VersionStage = tolist(setsubtract(or(self.version_stages, []), or(prior.version_stages, [])))[0], MoveToVersion = self.version_id }
    }

    call "UpdateSecretVersionStage" {
      when   = length(setsubtract(or(self.version_stages, []), or(prior.version_stages, []))) > 1
      params = { SecretName = id, VersionStage = tolist(setsubtract(or(self.version_stages, []), or(prior.version_stages, [])))[1], MoveToVersion = self.version_id }
    }

    call "UpdateSecretVersionStage" {
      when   = length([for s in setsubtract(or(prior.version_stages, []), or(self.version_stages, [])) : s if !startswith(s, "ACS")]) > 0
      params = { SecretName = id, VersionStage = [for s in setsubtract(or(prior.version_stages, []), or(self.version_stages, [])) : s if !startswith(s, "ACS")][0], RemoveFromVersion = self.version_id }
    }

    call "UpdateSecretVersionStage" {
      when   = length([for s in setsubtract(or(prior.version_stages, []), or(self.version_stages, [])) : s if !startswith(s, "ACS")]) > 1
      params = { SecretName = id, VersionStage = [for s in setsubtract(or(prior.version_stages, []), or(self.version_stages, [])) : s if !startswith(s, "ACS")][1], RemoveFromVersion = self.version_id }
    }
  }

  update "stage" {
    on   = ["move_to_version", "remove_from_version"]
    when = self.move_to_version != null || self.remove_from_version != null

    call "UpdateSecretVersionStage" {
      params = {
        SecretName        = id
        VersionStage      = length(or(self.version_stages, [])) == 1 ? one(self.version_stages) : "ACSCurrent"
        MoveToVersion     = self.move_to_version
        RemoveFromVersion = self.remove_from_version
      }
    }
  }

  update "rotation" {
    on = ["enable_automatic_rotation", "rotation_interval"]

    call "UpdateSecretRotationPolicy" {
      when = self.enable_automatic_rotation == true || prior.enable_automatic_rotation == true
      params = {
        SecretName              = id
        EnableAutomaticRotation = self.enable_automatic_rotation == true
        RotationInterval        = self.enable_automatic_rotation == true ? self.rotation_interval : null
      }
    }
  }

  update "policy" {
    on = ["policy"]

    call "SetSecretPolicy" {
      params = { SecretName = id, PolicyName = or(self.policy_name, "default"), Policy = self.policy }
    }
  }

  update "description" {
    on = ["description"]

    call "UpdateSecret" {
      params = { SecretName = id, Description = or(self.description, "") }
    }
  }

  update "custom_data" {
    on = ["custom_data", "extended_config_custom_data"]

    call "UpdateSecret" {
      params = {
        SecretName                  = id
        "ExtendedConfig.CustomData" = self.custom_data != null ? self.custom_data : jsonencode(or(self.extended_config_custom_data, {}))
      }
    }
  }

  delete {
    call "DeleteSecret" {
      params = {
        SecretName                 = id
        ForceDeleteWithoutRecovery = self.force_delete_without_recovery == true
        RecoveryWindowInDays       = self.force_delete_without_recovery == true ? null : or(self.recovery_window_in_days, 30)
      }
      ok_when = contains(["Forbidden.ResourceNotFound", "Rejected.ResourceInDeleteWindow"], error.code)
    }
  }

  # Nothing of their names can be made before they are gone.
  pending {
    call "ListSecrets" {
      as      = "listed"
      params  = { PageSize = 100 }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      shared  = true
      take    = or(reply.SecretList.Secret, [])
    }

    id = [for s in listed : { id = s.SecretName, at = s.PlannedDeleteTime } if or(s.PlannedDeleteTime, null) != null]
  }

  restore {
    call "RestoreSecret" {
      params  = { SecretName = id }
      ok_when = error.code == "Rejected.ResourceInUse"
    }

    wait {
      until = or(secret.PlannedDeleteTime, null) == null
    }
  }
}
