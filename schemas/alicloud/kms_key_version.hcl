# alicloud_kms_key_version: new material for an asymmetric key.

resource "alicloud_kms_key_version" {
  service = "kms"
  about   = "A further version of an asymmetric KMS key, at the earliest seven days after the one before. It lasts as long as its key."

  argument "key_id" {
    about     = "The key, by its id, ARN or alias."
    type      = string
    required  = true
    force_new = true
    same      = "key_ref"

    # The key behind an alias may be another one by now: the version stays where it is.
    read = startswith(or(self.key_id, ""), "alias/") ? self.key_id : version.KeyId
  }

  attribute "key_version_id" {
    about = "The id of the version."
    type  = string
    read  = version.KeyVersionId
  }

  import {
    match   = "^(?P<id>[^:]+:[^:]+)$"
    example = "key-hzz62f1cb66fa42qo9m7a:6f1a2b3c-0000-4000-8000-000000000002"
  }

  read {
    call "DescribeKeyVersion" {
      as      = "version"
      params  = { KeyId = split(":", id)[0], KeyVersionId = split(":", id)[1] }
      expects = reply.KeyVersion.KeyVersionId
      take    = reply.KeyVersion
    }
  }

  create {
    call "CreateKeyVersion" {
      params = { KeyId = self.key_id }
    }

    id = "${reply.KeyVersion.KeyId}:${reply.KeyVersion.KeyVersionId}"
  }

  among {
    call "ListKeyVersions" {
      as      = "versions"
      params  = { KeyId = self.key_id, PageSize = 100 }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      take    = or(reply.KeyVersions.KeyVersion, [])
    }

    id = [for v in versions : "${v.KeyId}:${v.KeyVersionId}"]
  }

  delete {
    rule {
      holds   = false
      warning = true
      message = "No version of a key can be deleted: ${id} is only forgotten here, and goes with its key."
    }
  }
}
