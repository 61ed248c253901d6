# The versions of a secret. Their values are read on demand only, and stay hidden.

data "alicloud_kms_secret_versions" {
  service = "kms"
  about   = "The versions of a secret."

  include "output_file" {
    list = self.versions
  }

  argument "secret_name" {
    about    = "The secret."
    type     = string
    required = true
  }

  argument "ids" {
    about    = "Only versions with one of these ids. After the read: the ids of all that were found."
    type     = list(string)
    computed = true
    read     = listed[*].VersionId
  }

  argument "version_stage" {
    about = "Only the version with this stage."
    type  = string
  }

  argument "include_deprecated" {
    about  = "Whether versions without a stage are listed too."
    type   = string
    one_of = ["true", "false"]
  }

  argument "enable_details" {
    about   = "Whether to ask for the value of each version."
    type    = bool
    default = false
  }

  attribute "versions" {
    about = "The versions. secret_data is sensitive."
    type = list(object({
      secret_data      = string
      secret_data_type = string
      secret_name      = string
      version_id       = string
      version_stages   = list(string)
    }))
    read = [for i, v in listed : {
      secret_data      = try(values[i].SecretData, null)
      secret_data_type = nonsensitive(try(values[i].SecretDataType, null))
      secret_name      = self.secret_name
      version_id       = v.VersionId
      version_stages   = or(v.VersionStages.VersionStage, [])
    }]
  }

  read {
    call "ListSecretVersionIds" {
      as      = "listed"
      params  = { SecretName = self.secret_name, IncludeDeprecated = self.include_deprecated, PageSize = 50 }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 50) }
      expects = reply.TotalCount
      take = [
        for v in or(reply.VersionIds.VersionId, []) : v
        if(length(or(self.ids, [])) == 0 || contains(or(self.ids, []), v.VersionId)) && (or(self.version_stage, null) == null || contains(or(v.VersionStages.VersionStage, []), or(self.version_stage, "")))
      ]
    }

    call "GetSecretValue" {
      as        = "values"
      sensitive = true
      when      = self.enable_details
      for_each  = listed
      params    = { SecretName = self.secret_name, VersionId = each.value.VersionId, VersionStage = or(self.version_stage, null) }
      expects   = reply.SecretData
    }

    id = native::id_of_list(listed[*].VersionId)
  }
}
