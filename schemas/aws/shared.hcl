# Pieces that several AWS types include by name.

# tags and tags_all. What the provider is told to ignore is not seen, not planned and not removed.
shared "tags" {
  argument "tags" {
    about = "Tags. They win over those of the provider's default_tags."
    type  = map(string)

    # A default tag counts as the resource's own only where the configuration repeats it. What is written of ignored
    # tags stays as it is.
    read = merge(
      {
        for t in tags : t.TagKey => t.TagValue
        if lookup(or(provider.default_tags.tags, {}), t.TagKey, null) != t.TagValue || lookup(or(self.tags, {}), t.TagKey, null) == t.TagValue
      },
      {
        for k, v in or(self.tags, {}) : k => v
        if contains(or(provider.ignore_tags.keys, []), k) || length([for p in or(provider.ignore_tags.key_prefixes, []) : p if startswith(k, p)]) > 0
      }
    )
  }

  rule {
    holds   = !contains(keys(or(self.tags, {})), "keyform:id")
    message = "The tag keyform:id is this program's own: by it a new key is found again when the answer to its creation is lost."
  }

  attribute "tags_all" {
    about = "All tags, with those of the provider's default_tags."
    type  = map(string)

    plan = {
      for k, v in merge({ for k, v in or(provider.default_tags.tags, {}) : k => v if v != null }, or(self.tags, {})) : k => v
      if !startswith(k, "aws:") && !contains(or(provider.ignore_tags.keys, []), k) && length([for p in or(provider.ignore_tags.key_prefixes, []) : p if startswith(k, p)]) == 0
    }

    read = { for t in tags : t.TagKey => t.TagValue }
  }

  read {
    call "ListResourceTags" {
      as      = "tags"
      params  = { KeyId = id }
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.Tags
      take = [
        for t in reply.Tags : t
        if !startswith(t.TagKey, "aws:") && t.TagKey != "keyform:id" && !contains(or(provider.ignore_tags.keys, []), t.TagKey) && length([for p in or(provider.ignore_tags.key_prefixes, []) : p if startswith(t.TagKey, p)]) == 0
      ]
    }
  }

  create {
    wait {
      when  = length(or(self.tags_all, {})) > 0
      until = length(removed({ for t in tags : t.TagKey => t.TagValue }, self.tags_all)) == 0 && length(upserted({ for t in tags : t.TagKey => t.TagValue }, self.tags_all)) == 0
      times = 5
    }
  }

  update "tags" {
    on = ["tags_all"]

    call "UntagResource" {
      when   = length(removed(prior.tags_all, self.tags_all)) > 0
      params = { KeyId = id, TagKeys = removed(prior.tags_all, self.tags_all) }
    }

    call "TagResource" {
      when   = length(upserted(prior.tags_all, self.tags_all)) > 0
      params = { KeyId = id, Tags = [for k, v in upserted(prior.tags_all, self.tags_all) : { TagKey = k, TagValue = v }] }
    }

    wait {
      until = length(removed({ for t in tags : t.TagKey => t.TagValue }, self.tags_all)) == 0 && length(upserted({ for t in tags : t.TagKey => t.TagValue }, self.tags_all)) == 0
      times = 5
    }
  }
}

# The region of a data source.
shared "data_region" {
  argument "region" {
    about    = "The region to look in, when it is not the provider's."
    type     = string
    computed = true
    read     = or(self.region, provider.region)
  }
}

# A service principal by what it ends in.
shared "service_principal" {
  attribute "suffix" {
    about = "What the name ends in."
    type  = string
    read  = with.suffix
  }

  attribute "name" {
    about = "The name: s3.amazonaws.com."
    type  = string
    read  = "${self.service_name}.${with.suffix}"
  }

  read {
    id = "${self.service_name}.${or(self.region, provider.region)}.${with.suffix}"
  }
}

# What a key of this spec can be used for.
shared "spec_and_usage" {
  rule {
    when    = with.spec == "SYMMETRIC_DEFAULT" && with.usage != null
    holds   = with.usage == "ENCRYPT_DECRYPT"
    message = "A SYMMETRIC_DEFAULT key can only ENCRYPT_DECRYPT, not ${with.usage}. Choose another ${with.name}."
  }

  rule {
    when    = startswith(or(with.spec, ""), "HMAC_") && with.usage != null
    holds   = with.usage == "GENERATE_VERIFY_MAC"
    message = "An HMAC key can only GENERATE_VERIFY_MAC. Set key_usage to that."
  }

  rule {
    when    = startswith(or(with.spec, ""), "RSA_") && with.usage != null
    holds   = contains(["ENCRYPT_DECRYPT", "SIGN_VERIFY"], with.usage)
    message = "An RSA key can ENCRYPT_DECRYPT or SIGN_VERIFY, not ${with.usage}."
  }

  rule {
    when    = startswith(or(with.spec, ""), "ECC_NIST_P") && with.usage != null
    holds   = contains(["SIGN_VERIFY", "KEY_AGREEMENT"], with.usage)
    message = "A key on a NIST curve can SIGN_VERIFY or be used for KEY_AGREEMENT, not ${with.usage}."
  }

  rule {
    when    = contains(["ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87"], or(with.spec, "")) && with.usage != null
    holds   = with.usage == "SIGN_VERIFY"
    message = "A key of this spec can only SIGN_VERIFY. Set key_usage to that."
  }
}

# A new key carries a tag of this program, so that it is found again when the answer to its creation is lost.
shared "marked" {
  find {
    call "ListKeys" {
      as      = "all"
      params  = {}
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.Keys
      take    = reply.Keys
    }

    call "ListResourceTags" {
      as        = "marks"
      for_each  = all
      params    = { KeyId = each.value.KeyId }
      pages     = { ask = "Marker", next = reply.NextMarker }
      expects   = reply.Tags
      take      = { id = each.value.KeyId, found = length([for t in reply.Tags : t if t.TagKey == "keyform:id" && t.TagValue == marker]) > 0 }
      null_when = contains(["NotFoundException", "KMSInvalidStateException"], error.code)
    }

    id = one([for m in marks : m.id if m != null && try(m.found, false)])
  }

  survey {
    call "ListKeys" {
      as      = "all"
      params  = {}
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.Keys
      take    = reply.Keys
    }

    call "ListResourceTags" {
      as        = "marks"
      for_each  = all
      params    = { KeyId = each.value.KeyId }
      pages     = { ask = "Marker", next = reply.NextMarker }
      expects   = reply.Tags
      take      = { id = each.value.KeyId, marker = one([for t in reply.Tags : t.TagValue if t.TagKey == "keyform:id"]) }
      null_when = contains(["NotFoundException", "KMSInvalidStateException"], error.code)
    }

    id = [for m in marks : m if m != null && try(m.marker, null) != null]
  }
}

# The ids by which a key is imported: its own, or its ARN.
shared "key_import" {
  import {
    match   = "^(?:arn:[a-z-]+:kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/)?(?P<id>[^:/]+)$"
    example = with.example
  }
}

# DescribeKey, and when a key counts as deleted.
shared "described_key" {
  attribute "arn" {
    about = "The ARN of the key."
    type  = string
    read  = key.Arn
  }

  read {
    call "DescribeKey" {
      as      = "key"
      params  = { KeyId = id }
      expects = reply.KeyMetadata.KeyState
      shared  = true
      take    = reply.KeyMetadata
    }

    gone    = contains(["PendingDeletion", "PendingReplicaDeletion"], key.KeyState)
    lost_at = native::timestamp_of(key.DeletionDate)
  }
}

# What may be written of a key beside its policy. Its own words for it are passed, for the documentation.
shared "key_description" {
  argument "description" {
    about  = with.about
    type   = string
    length = [0, 8192]
    read   = or(key.Description, "")
  }
}

shared "deletion_window" {
  argument "deletion_window_in_days" {
    about   = with.about
    type    = number
    default = 30
    range   = [7, 30]
  }
}

shared "multi_region" {
  argument "multi_region" {
    about     = "Whether the key can have replicas in other regions."
    type      = bool
    computed  = true
    force_new = true
    read      = key.MultiRegion == true
  }
}

shared "key_id" {
  attribute "key_id" {
    about = "The id of the key."
    type  = string
    read  = key.KeyId
  }
}

# Whether the material changes by itself. Of all keys but these the answer is known to be no.
shared "rotation_status" {
  read {
    call "GetKeyRotationStatus" {
      as      = "rotation"
      when    = key.Origin == "AWS_KMS" && or(key.KeySpec, key.CustomerMasterKeySpec) == "SYMMETRIC_DEFAULT"
      params  = { KeyId = id }
      expects = reply.KeyRotationEnabled
    }
  }
}

# The policy of a key. Leaving it out, or taking it out again, leaves the policy that the key has.
shared "key_policy" {
  argument "policy" {
    about    = "The key policy, as a JSON document."
    type     = string
    computed = true
    format   = "json"
    length   = [0, 32768]
    same     = "aws_policy"
    stored   = "json"
    read     = policy

    # What modules write whose users may leave it out.
    ignore_when = self.policy == ""
  }

  create {
    wait {
      when  = self.policy != null
      until = same("aws_policy", policy, self.policy)
      times = 5
    }
  }
}

# How a policy is read and replaced.
shared "policy_writing" {
  argument "bypass_policy_lockout_safety_check" {
    about   = "Accept a policy that locks its writer out."
    type    = bool
    default = false
  }

  lockout "policy" {
    keeps  = "kms:PutKeyPolicy"
    uses   = ["kms:Decrypt"]
    bypass = "bypass_policy_lockout_safety_check"
  }

  # AWS refuses such a policy, after minutes in which others have been made.
  rule {
    guard   = true
    when    = self.policy != null && changed("policy") && self.bypass_policy_lockout_safety_check != true
    holds   = native::aws_policy_allows(self.policy, "kms:PutKeyPolicy")
    message = "No statement of the policy allows kms:PutKeyPolicy, so that nobody could change it again, and AWS refuses it. Allow it to the account, or set bypass_policy_lockout_safety_check to true."
  }

  read {
    call "GetKeyPolicy" {
      as      = "policy"
      params  = { KeyId = id, PolicyName = "default" }
      expects = reply.Policy
      shared  = true
      take    = reply.Policy
    }
  }

  update "policy" {
    on = ["policy"]

    call "PutKeyPolicy" {
      params = {
        KeyId                          = id
        PolicyName                     = "default"
        Policy                         = self.policy
        BypassPolicyLockoutSafetyCheck = self.bypass_policy_lockout_safety_check
      }
      retry_when = error.code == "NotFoundException" || (error.code == "MalformedPolicyDocumentException" && !contains_text(error.message, "will not allow you to update the key policy"))
      retry_for  = "3m"
    }

    wait {
      until = same("aws_policy", policy, self.policy)
      times = 5
    }
  }
}

# The policy of a key that somebody else made. Who told KMS not to look whether he locks himself out wants no other
# policy in its place.
shared "lasting_policy" {
  lasting "policy" {
    of   = with.of
    left = self.bypass_policy_lockout_safety_check == true ? null : with.left
  }

  delete {
    call "DescribeKey" {
      as     = "key"
      when   = self.bypass_policy_lockout_safety_check != true
      params = { KeyId = id }
      take   = reply.KeyMetadata
    }

    call "PutKeyPolicy" {
      when   = self.bypass_policy_lockout_safety_check != true
      params = { KeyId = id, PolicyName = "default", Policy = with.left }
    }
  }
}

# Enabling stands before other groups and disabling after them. One answer proves little, for reads are answered by
# different hosts.
shared "enabling" {
  update "enable" {
    on   = with.on
    when = with.when

    call "EnableKey" {
      params     = { KeyId = id }
      retry_when = error.code == "NotFoundException"
      retry_for  = "3m"
    }

    wait {
      until = key.Enabled == true
      times = 15
      every = "2s"
      limit = "20m"
      now   = true
    }
  }
}

shared "disabling" {
  update "disable" {
    on   = with.on
    when = with.when

    call "DisableKey" {
      params     = { KeyId = id }
      retry_when = error.code == "NotFoundException"
      retry_for  = "3m"
    }

    wait {
      until = key.Enabled != true
      times = 15
      every = "2s"
      limit = "20m"
    }
  }
}

shared "describing" {
  update "description" {
    on = ["description"]

    call "UpdateKeyDescription" {
      params = { KeyId = id, Description = or(self.description, "") }
    }

    wait {
      until = or(key.Description, "") == or(self.description, "")
      times = 5
      every = "2s"
    }
  }
}

shared "key_deletion" {
  restore {
    call "CancelKeyDeletion" {
      params  = { KeyId = id }
      ok_when = error.code == "KMSInvalidStateException" && contains_text(error.message, "is not pending deletion")
    }

    wait {
      until = !contains(["PendingDeletion", "PendingReplicaDeletion"], key.KeyState)
      times = 5
    }
  }

  usage {
    call "GetKeyLastUsage" {
      as      = "last"
      params  = { KeyId = id }
      expects = reply.KeyId
    }

    call "ListAliases" {
      as      = "aliases"
      params  = { KeyId = id, Limit = 100 }
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.Aliases
      take    = reply.Aliases
    }

    call "ListGrants" {
      as      = "grants"
      params  = { KeyId = id, Limit = 100 }
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.Grants
      take    = reply.Grants
    }

    call "DescribeKey" {
      as      = "described"
      params  = { KeyId = id }
      expects = reply.KeyMetadata.KeyState
      shared  = true
      take    = reply.KeyMetadata
    }

    shows = {
      last_use  = native::timestamp_of(last.KeyLastUsage.Timestamp)
      operation = last.KeyLastUsage.Operation
      since     = native::timestamp_of(last.TrackingStartDate)
      created   = native::timestamp_of(last.KeyCreationDate)
      aliases   = aliases == null ? null : [for a in aliases : a.AliasName]
      grants    = grants == null ? null : [for g in grants : or(g.Name, g.GrantId)]
      replicas  = described == null ? null : described.MultiRegionConfiguration.PrimaryKey.Arn == described.Arn ? [for r in or(described.MultiRegionConfiguration.ReplicaKeys, []) : r.Region] : []
    }
  }

  # What cannot be used anyhow, be it without material or on its way out, cannot be disabled.
  retire {
    call "DisableKey" {
      params  = { KeyId = id }
      ok_when = error.code == "KMSInvalidStateException" && contains_text(error.message, "is pending")
    }

    wait {
      until = gone || key.Enabled != true
      times = 5
    }
  }

  delete {
    call "ScheduleKeyDeletion" {
      params  = { KeyId = id, PendingWindowInDays = self.deletion_window_in_days }
      ok_when = error.code == "NotFoundException" || (error.code == "KMSInvalidStateException" && contains_text(error.message, "is pending deletion"))
    }

    wait {
      until = gone
      limit = "20m"
    }
  }
}

# Material that comes from outside. A key is made without any and gets it as if it were changed, so that an import that
# failed is made up for by the next apply.
shared "imported_material" {
  argument "key_material_base64" {
    about     = "The material, in base64; of an asymmetric key the private half, in PKCS #8. Without it the key waits for an import by somebody else."
    type      = string
    sensitive = true
    format    = "base64"

    # A key never takes other material. One whose material is not recorded, an imported one say, need not go for it, and
    # neither need one whose material is only written elsewhere from now on.
    force_new = or(prior.key_material_base64, "") != "" && self.key_material_base64_wo_version == null
  }

  argument "key_material_base64_wo" {
    about      = "The material, as in key_material_base64. It is not kept in state; another key_material_base64_wo_version makes a new key."
    type       = string
    sensitive  = true
    write_only = true
    format     = "base64"
    needs      = ["key_material_base64_wo_version"]
    conflicts  = ["key_material_base64"]
  }

  argument "key_material_base64_wo_version" {
    about     = "Any text; when it changes, a new key is made, with the material in key_material_base64_wo."
    type      = string
    needs     = ["key_material_base64_wo"]
    force_new = prior.key_material_base64_wo_version != null
  }

  argument "valid_to" {
    about  = "When the material expires (RFC 3339); never when left out."
    type   = string
    format = "rfc3339"
    same   = "instant"
    read   = native::timestamp_of(key.ValidTo)
  }

  # What a key without material is wished to be cannot be seen in it.
  argument "enabled" {
    about    = "Whether the key may be used, once it has its material."
    type     = bool
    computed = true
    read     = key.KeyState == "PendingImport" ? or(self.enabled, false) : key.Enabled
  }

  attribute "key_state" {
    about = "The state of the key: Enabled, Disabled, PendingImport."
    type  = string
    read  = key.KeyState

    # Material that is written and not there is a reason to act. An imported record has null where it means false.
    plan = (
      nonsensitive(self.key_material_base64 == null) && self.key_material_base64_wo_version == null && or(prior.key_state, "PendingImport") == "PendingImport" ? "PendingImport" :
      !contains(["PendingImport", "Enabled", "Disabled"], or(prior.key_state, "Enabled")) ? prior.key_state :
      self.enabled == false || (self.enabled == null && or(prior.key_state, "PendingImport") != "PendingImport") ? "Disabled" : "Enabled"
    )
  }

  attribute "expiration_model" {
    about = "Whether the material expires."
    type  = string
    read  = key.ExpirationModel
    plan  = self.key_state == "PendingImport" ? null : self.valid_to == null ? "KEY_MATERIAL_DOES_NOT_EXPIRE" : "KEY_MATERIAL_EXPIRES"
  }

  rule {
    when    = self.valid_to != null && changed("valid_to")
    holds   = nonsensitive(self.key_material_base64 != null) || self.key_material_base64_wo_version != null
    message = "The time at which material expires is set by importing it. Give key_material_base64 together with valid_to."
  }

  rule {
    when    = self.valid_to != null
    holds   = length(regexall("[.][0-9]*[1-9]", self.valid_to)) == 0
    message = "Material expires at a whole second. Write valid_to without a fraction."
  }

  rule {
    when    = self.key_material_base64 != null
    holds   = nonsensitive(length(replace(self.key_material_base64, "/[=\\r\\n]/", "")) <= 7800)
    message = "Material of more than 5850 bytes cannot be imported."
  }

  create {
    # Imported material enables the key. Without material nothing can be enabled or disabled.
    leaves = {
      enabled   = self.key_material_base64 == null && self.key_material_base64_wo_version == null ? self.enabled : true
      key_state = "PendingImport"
      valid_to  = null
    }
  }

  update "material" {
    on   = ["key_state", "valid_to"]
    when = (self.key_material_base64 != null || self.key_material_base64_wo_version != null) && (prior.key_state == "PendingImport" || changed("valid_to"))

    # The wrapping key itself takes no more than 190 bytes.
    call "GetParametersForImport" {
      as = "parameters"
      params = {
        KeyId             = id
        WrappingAlgorithm = nonsensitive(length(replace(or(self.key_material_base64, self.key_material_base64_wo), "/[=\\r\\n]/", "")) <= 254) ? "RSAES_OAEP_SHA_256" : "RSA_AES_KEY_WRAP_SHA_256"
        WrappingKeySpec   = "RSA_2048"
      }
      retry_when = error.code == "NotFoundException"
      retry_for  = "3m"
    }

    call "ImportKeyMaterial" {
      params = {
        KeyId                = id
        ImportToken          = parameters.ImportToken
        EncryptedKeyMaterial = native::wrapped(nonsensitive(length(replace(or(self.key_material_base64, self.key_material_base64_wo), "/[=\\r\\n]/", "")) <= 254) ? "RSAES_OAEP_SHA_256" : "RSA_AES_KEY_WRAP_SHA_256", parameters.PublicKey, replace(or(self.key_material_base64, self.key_material_base64_wo), "/[\\r\\n]/", ""))
        ExpirationModel      = self.valid_to == null ? "KEY_MATERIAL_DOES_NOT_EXPIRE" : "KEY_MATERIAL_EXPIRES"
        ValidTo              = native::seconds_of(self.valid_to)
      }
      retry_when = error.code == "NotFoundException"
      retry_for  = "3m"
    }

    wait {
      until = !contains(["PendingImport", "Creating", "Updating"], key.KeyState)
      now   = true
    }

    wait {
      until = same("instant", native::timestamp_of(key.ValidTo), self.valid_to)
      times = 5
      every = "2s"
      limit = "5m"
    }
  }
}

# Where a replica comes from.
shared "replication" {
  argument "primary_key_arn" {
    about     = "The ARN of the multi-Region primary key."
    type      = string
    required  = true
    pattern   = "^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$"

    # Another key of the family may become the primary one. All of them have one id, and the replica stays what it is.
    read      = endswith(or(self.primary_key_arn, ""), ":key/${id}") ? self.primary_key_arn : key.MultiRegionConfiguration.PrimaryKey.Arn
    force_new = split(":key/", self.primary_key_arn)[1] != split(":key/", or(prior.primary_key_arn, ":key/"))[1]
  }

  rule {
    holds   = split(":", self.primary_key_arn)[3] != or(self.region, provider.region)
    message = "The primary key is in ${or(self.region, provider.region)}, where its replica would be too. Give the replica another region, or the provider of one."
  }

  find {
    call "ListResourceTags" {
      as        = "marks"
      params    = { KeyId = regex(":key/(.+)$", self.primary_key_arn)[0] }
      pages     = { ask = "Marker", next = reply.NextMarker }
      expects   = reply.Tags
      take      = reply.Tags
      null_when = error.code == "NotFoundException"
    }

    id = length([for t in or(marks, []) : t if t.TagKey == "keyform:id" && t.TagValue == marker]) > 0 ? regex(":key/(.+)$", self.primary_key_arn)[0] : null
  }

  survey {
    call "ListResourceTags" {
      as        = "marks"
      params    = { KeyId = regex(":key/(.+)$", self.primary_key_arn)[0] }
      pages     = { ask = "Marker", next = reply.NextMarker }
      expects   = reply.Tags
      take      = reply.Tags
      null_when = error.code == "NotFoundException"
    }

    id = [for t in or(marks, []) : { id = regex(":key/(.+)$", self.primary_key_arn)[0], marker = t.TagValue } if t.TagKey == "keyform:id"]
  }

  create {
    call "ReplicateKey" {
      # The replica is asked for where the primary key is.
      region = split(":", self.primary_key_arn)[3]

      params = {
        KeyId                          = regex(":key/(.+)$", self.primary_key_arn)[0]
        ReplicaRegion                  = or(self.region, provider.region)
        BypassPolicyLockoutSafetyCheck = self.bypass_policy_lockout_safety_check
        Description                    = or(self.description, null)
        Policy                         = self.policy
        Tags                           = marker == null && length(or(self.tags_all, {})) == 0 ? null : [for k, v in merge(or(self.tags_all, {}), marker == null ? {} : { "keyform:id" = marker }) : { TagKey = k, TagValue = v }]
      }

      # A principal that was created a moment ago may not be known to KMS yet.
      retry_when = error.code == "MalformedPolicyDocumentException" && !contains_text(error.message, "will not allow you to update the key policy")
    }

    # A replica has the id of its primary key.
    id = regex(":key/(.+)$", self.primary_key_arn)[0]

    wait {
      until = key.KeyState != "Creating"
      limit = "20m"
      now   = true
    }
  }
}

# Ciphertexts, and their plain texts by name.
shared "secrets" {
  block "secret" {
    about   = "One ciphertext."
    nesting = "set"
    min     = 1

    argument "name" {
      about    = "The name under which the plain text is found."
      type     = string
      required = true
    }

    argument "payload" {
      about    = "The ciphertext, in base64."
      type     = string
      required = true
      format   = "base64"
    }

    argument "context" {
      about = "The encryption context that was given when it was encrypted."
      type  = map(string)
    }

    argument "encryption_algorithm" {
      about  = "The algorithm, for asymmetric keys."
      type   = string
      one_of = ["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]
    }

    argument "grant_tokens" {
      about = "Tokens of grants that are not known everywhere yet."
      type  = list(string)
    }

    argument "key_id" {
      about = "The key, for asymmetric keys. A symmetric ciphertext names its own."
      type  = string
    }
  }

  attribute "plaintext" {
    about     = "The plain texts by name."
    type      = map(string)
    sensitive = true
    read      = { for secret in secrets : secret.name => secret.text }
  }

  rule {
    holds   = length(distinct([for secret in self.secret : secret.name])) == length(self.secret)
    message = "Each secret needs a name of its own."
  }

  read {
    call "Decrypt" {
      as        = "secrets"
      for_each  = self.secret
      sensitive = true
      expects   = reply.Plaintext
      take      = { name = each.value.name, text = try(base64decode(reply.Plaintext), null) }
      params = {
        CiphertextBlob      = replace(each.value.payload, "/[\\r\\n]/", "") # as a file of it has them
        EncryptionAlgorithm = each.value.encryption_algorithm
        EncryptionContext   = length(or(each.value.context, {})) == 0 ? null : each.value.context
        GrantTokens         = length(or(each.value.grant_tokens, [])) == 0 ? null : each.value.grant_tokens
        KeyId               = each.value.key_id
      }
    }

    refuse {
      when    = length([for secret in secrets : secret if secret.text == null]) > 0
      message = "A plain text is no UTF-8 text, so that it cannot be a value. Encrypt binary data in base64."
    }
  }
}
