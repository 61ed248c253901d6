# alicloud_kms_alias: another name for a key.

resource "alicloud_kms_alias" {
  service = "kms"
  about   = "A name by which a KMS key can be used. It can be moved to another key."

  stands_for = "key_id"

  argument "alias_name" {
    about     = "The name; it begins with alias/."
    type      = string
    required  = true
    force_new = true
    pattern   = "^alias/.{1,255}$"
    read      = id
  }

  argument "key_id" {
    about    = "The key, by its id or ARN."
    type     = string
    required = true
    same     = "key_ref"
    read     = alias.KeyId
  }

  rule {
    holds   = !startswith(or(self.alias_name, ""), "alias/acs")
    message = "Names that begin with alias/acs belong to Alibaba Cloud."
  }

  rule {
    holds   = length(regexall("^(acs:kms:[^/]*:)?alias/", or(self.key_id, ""))) == 0
    message = "An alias stands for a key, not for another alias: give key_id the id or ARN of the key, which data.alicloud_kms_aliases tells of an alias."
  }

  import {
    match   = "^(?:acs:kms:[^:]*:[0-9]*:)?(?P<id>alias/.+)$"
    example = "alias/test_kms_alias"
  }

  read {
    # One listing serves all aliases of a region.
    call "ListAliases" {
      as      = "alias"
      params  = { PageSize = 100 }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      find    = { in = reply.Aliases.Alias, by = "AliasName", is = id }
      shared  = true
    }

    gone = alias == null
  }

  create {
    # A second CreateAlias of the same name fails, so nothing can come to be twice.
    repeatable = true

    # Here and below: who writes takes ids only, no ARNs.

    call "CreateAlias" {
      params = { AliasName = self.alias_name, KeyId = replace(self.key_id, "/^acs:kms:[^/]*:key\\//", "") }
    }

    id = self.alias_name
  }

  update "target" {
    on = ["key_id"]

    call "UpdateAlias" {
      params = { AliasName = id, KeyId = replace(self.key_id, "/^acs:kms:[^/]*:key\\//", "") }
    }
  }

  delete {
    call "DeleteAlias" {
      params  = { AliasName = id }
      ok_when = error.code == "Forbidden.AliasNotFound"
    }
  }
}
