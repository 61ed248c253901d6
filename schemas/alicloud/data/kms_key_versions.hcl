# The versions of a key.

data "alicloud_kms_key_versions" {
  service = "kms"
  about   = "The versions of a KMS key."

  include "output_file" {
    list = self.versions
  }

  argument "key_id" {
    about    = "The key, by its id, ARN or alias."
    type     = string
    required = true
  }

  argument "ids" {
    about    = "Only versions with one of these ids. After the read: the ids of all that were found."
    type     = list(string)
    computed = true
    read     = listed[*].KeyVersionId
  }

  attribute "versions" {
    about = "The versions."
    type  = list(object({ create_time = string, id = string, key_id = string, key_version_id = string }))
    read  = [for v in listed : { create_time = v.CreationDate, id = v.KeyVersionId, key_id = v.KeyId, key_version_id = v.KeyVersionId }]
  }

  read {
    call "ListKeyVersions" {
      as      = "listed"
      params  = { KeyId = self.key_id, PageSize = 100 }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      shared  = true
      take    = [for v in or(reply.KeyVersions.KeyVersion, []) : v if length(or(self.ids, [])) == 0 || contains(or(self.ids, []), v.KeyVersionId)]
    }

    id = native::id_of_list(listed[*].KeyVersionId)
  }
}
