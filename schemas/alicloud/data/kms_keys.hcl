# The keys of a region, those that wait for their deletion too.

data "alicloud_kms_keys" {
  service = "kms"
  about   = "KMS keys, by id, description and status."

  include "output_file" {
    list = self.keys
  }

  argument "ids" {
    about    = "Only keys with one of these ids. After the read: the ids of all that were found."
    type     = list(string)
    computed = true
    read     = [for k in or(details, listed) : k.id if k != null]
  }

  argument "description_regex" {
    about  = "Only keys whose description matches this regular expression."
    type   = string
    format = "regex"
  }

  argument "status" {
    about  = "Only keys in this state."
    type   = string
    one_of = ["Enabled", "Disabled", "PendingDeletion"]
  }

  argument "filters" {
    about  = "What the service itself sorts out, as JSON: [{\"Key\":\"KeySpec\",\"Values\":[\"Aliyun_AES_256\"]}]."
    type   = string
    format = "json"
  }

  argument "enable_details" {
    about   = "Whether to ask for each key all there is to know. Without it only id, key_id and arn are there."
    type    = bool
    default = true
  }

  attribute "keys" {
    about = "The keys."
    type = list(object({
      arn                  = string
      automatic_rotation   = string
      creation_date        = string
      creator              = string
      delete_date          = string
      description          = string
      id                   = string
      key_id               = string
      key_spec             = string
      key_usage            = string
      last_rotation_date   = string
      material_expire_time = string
      next_rotation_date   = string
      origin               = string
      primary_key_version  = string
      protection_level     = string
      rotation_interval    = string
      status               = string
    }))
    read = [for k in or(details, listed) : self.enable_details ? k : {
      arn                  = k.arn
      automatic_rotation   = null
      creation_date        = null
      creator              = null
      delete_date          = null
      description          = null
      id                   = k.id
      key_id               = k.id
      key_spec             = null
      key_usage            = null
      last_rotation_date   = null
      material_expire_time = null
      next_rotation_date   = null
      origin               = null
      primary_key_version  = null
      protection_level     = null
      rotation_interval    = null
      status               = null
    } if k != null]
  }

  read {
    call "ListKeys" {
      as      = "listed"
      params  = { PageSize = 100, Filters = or(self.filters, null) }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      shared  = true
      take    = [for k in or(reply.Keys.Key, []) : { id = k.KeyId, arn = k.KeyArn } if length(or(self.ids, [])) == 0 || contains(or(self.ids, []), k.KeyId)]
    }

    # A filter that needs the details gets them, even where nobody wants to see them.
    call "DescribeKey" {
      as       = "details"
      when     = self.enable_details || or(self.description_regex, null) != null || self.status != null
      for_each = listed
      params   = { KeyId = each.value.id }
      expects  = reply.KeyMetadata.KeyState
      shared   = true
      take = length(regexall(or(self.description_regex, ""), or(reply.KeyMetadata.Description, ""))) == 0 || or(self.status, reply.KeyMetadata.KeyState) != reply.KeyMetadata.KeyState ? null : {
        arn                  = reply.KeyMetadata.Arn
        automatic_rotation   = reply.KeyMetadata.AutomaticRotation
        creation_date        = reply.KeyMetadata.CreationDate
        creator              = reply.KeyMetadata.Creator
        delete_date          = reply.KeyMetadata.DeleteDate
        description          = reply.KeyMetadata.Description
        id                   = reply.KeyMetadata.KeyId
        key_id               = reply.KeyMetadata.KeyId
        key_spec             = reply.KeyMetadata.KeySpec
        key_usage            = reply.KeyMetadata.KeyUsage
        last_rotation_date   = reply.KeyMetadata.LastRotationDate
        material_expire_time = reply.KeyMetadata.MaterialExpireTime
        next_rotation_date   = reply.KeyMetadata.NextRotationDate
        origin               = reply.KeyMetadata.Origin
        primary_key_version  = reply.KeyMetadata.PrimaryKeyVersion
        protection_level     = reply.KeyMetadata.ProtectionLevel
        rotation_interval    = reply.KeyMetadata.RotationInterval
        status               = reply.KeyMetadata.KeyState
      }
      null_when = error.code == "Forbidden.KeyNotFound" # it went meanwhile
    }

    id = native::id_of_list([for k in or(details, listed) : k.id if k != null])
  }
}
