# aws_kms_alias: another name for a key.

resource "aws_kms_alias" {
  service = "kms"
  about   = "A name by which a KMS key can be used. It can be moved to another key."

  stands_for = "target_key_id"

  argument "name" {
    about     = "The name; it begins with alias/. A random one is made when there is neither name nor name_prefix."
    type      = string
    computed  = true
    force_new = true
    pattern   = "^alias/[0-9A-Za-z_/-]+$"
    length    = [1, 256]
    conflicts = ["name_prefix"]
    read      = id
  }

  argument "name_prefix" {
    about     = "The beginning of the name, which random characters follow."
    type      = string
    computed  = true
    force_new = true
    pattern   = "^alias/[0-9A-Za-z_/-]+$"
    length    = [1, 230]
    conflicts = ["name"]

    # A name counts as made from a prefix when it ends in as many hexadecimal digits as are appended.
    read = self.name_prefix != null ? self.name_prefix : (length(regexall("^alias/.+[0-9a-f]{26}$", id)) > 0 ? substr(id, 0, length(id) - 26) : null)
  }

  argument "target_key_id" {
    about    = "The key, by its id or ARN."
    type     = string
    required = true
    same     = "key_ref"
    read     = alias.TargetKeyId
  }

  attribute "arn" {
    about = "The ARN of the alias."
    type  = string
    read  = alias.AliasArn
  }

  attribute "target_key_arn" {
    about = "The ARN of the key."
    type  = string
    read  = alias.TargetKeyId == null ? null : replace(alias.AliasArn, id, "key/${alias.TargetKeyId}")
  }

  rule {
    when    = self.name != null
    holds   = !startswith(self.name, "alias/aws/")
    message = "Names that begin with alias/aws/ belong to AWS."
  }

  rule {
    when    = self.name_prefix != null
    holds   = !startswith(self.name_prefix, "alias/aws/")
    message = "Names that begin with alias/aws/ belong to AWS."
  }

  import {
    match   = "^(?:arn:[a-z-]+:kms:(?P<region>[a-z0-9-]+):[0-9]{12}:)?(?P<id>alias/.+)$"
    example = "alias/my-key-alias"
  }

  read {
    # One listing serves all aliases of a region.
    call "ListAliases" {
      as      = "alias"
      params  = { Limit = 100 }
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.Aliases
      find    = { in = reply.Aliases, by = "AliasName", is = id }
      shared  = true
    }

    gone = alias == null
  }

  create {
    # A second CreateAlias of the same name fails, so nothing can come to be twice.
    repeatable = true

    once = {
      name = self.name != null ? self.name : native::unique_name(or(self.name_prefix, "alias/"))
    }

    call "CreateAlias" {
      params     = { AliasName = name, TargetKeyId = self.target_key_id }
      retry_when = error.code == "NotFoundException"
      retry_for  = "10m"
    }

    id = or(self.name, name)
  }

  update "target" {
    on = ["target_key_id"]

    call "UpdateAlias" {
      params = { AliasName = id, TargetKeyId = self.target_key_id }
    }

    wait {
      until = same("key_ref", alias.TargetKeyId, self.target_key_id)
    }
  }

  delete {
    call "DeleteAlias" {
      params  = { AliasName = id }
      ok_when = error.code == "NotFoundException"
    }
  }
}
