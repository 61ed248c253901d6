# The secrets of a region. Their values are read on demand only, and stay hidden.

data "alicloud_kms_secrets" {
  service = "kms"
  about   = "Secrets, by name and tags."

  include "output_file" {
    list = self.secrets
  }

  argument "ids" {
    about    = "Only secrets with one of these names. After the read: the names of all that were found."
    type     = list(string)
    computed = true
    read     = listed[*].SecretName
  }

  argument "name_regex" {
    about  = "Only secrets whose name matches this regular expression."
    type   = string
    format = "regex"
  }

  argument "tags" {
    about = "Only secrets that have exactly these tags."
    type  = map(string)
  }

  argument "fetch_tags" {
    about = "Whether to ask for the tags; true when tags are given."
    type  = bool
  }

  argument "filters" {
    about  = "What the service itself sorts out, as JSON: [{\"Key\":\"SecretType\",\"Values\":[\"Generic\"]}]."
    type   = string
    format = "json"
  }

  argument "enable_details" {
    about   = "Whether to ask for each secret all there is to know, its value among it."
    type    = bool
    default = false
  }

  attribute "names" {
    about = "The names of the secrets."
    type  = list(string)
    read  = listed[*].SecretName
  }

  attribute "secrets" {
    about = "The secrets. secret_data is sensitive."
    type = list(object({
      arn                 = string
      description         = string
      encryption_key_id   = string
      id                  = string
      planned_delete_time = string
      secret_data         = string
      secret_data_type    = string
      secret_name         = string
      secret_type         = string
      tags                = map(string)
      version_id          = string
      version_stages      = list(string)
    }))
    read = [for i, s in listed : {
      arn                 = try(details[i].Arn, null)
      description         = try(details[i].Description, null)
      encryption_key_id   = try(details[i].EncryptionKeyId, null)
      id                  = s.SecretName
      planned_delete_time = s.PlannedDeleteTime
      secret_data         = try(values[i].SecretData, null)
      secret_data_type    = nonsensitive(try(values[i].SecretDataType, null))
      secret_name         = s.SecretName
      secret_type         = s.SecretType
      tags                = { for t in or(s.Tags.Tag, []) : t.TagKey => t.TagValue }
      version_id          = nonsensitive(try(values[i].VersionId, null))
      version_stages      = nonsensitive(try(values[i].VersionStages.VersionStage, null))
    }]
  }

  read {
    call "ListSecrets" {
      as      = "listed"
      params  = { PageSize = 100, Filters = or(self.filters, null), FetchTags = length(or(self.tags, {})) > 0 ? true : self.fetch_tags }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      shared  = true
      take = [
        for s in or(reply.SecretList.Secret, []) : s
        if(length(or(self.ids, [])) == 0 || contains(or(self.ids, []), s.SecretName)) && length(regexall(or(self.name_regex, ""), s.SecretName)) > 0 && (length(or(self.tags, {})) == 0 || jsonencode({ for t in or(s.Tags.Tag, []) : t.TagKey => t.TagValue }) == jsonencode(or(self.tags, {})))
      ]
    }

    call "DescribeSecret" {
      as        = "details"
      when      = self.enable_details
      for_each  = listed
      params    = { SecretName = each.value.SecretName }
      expects   = reply.SecretName
      shared    = true
      null_when = error.code == "Forbidden.ResourceNotFound"
    }

    # A secret that waits for its deletion has no value to show.
    call "GetSecretValue" {
      as        = "values"
      sensitive = true
      when      = self.enable_details
      for_each  = listed
      params    = { SecretName = each.value.SecretName }
      expects   = reply.SecretData
      null_when = contains(["Forbidden.ResourceNotFound", "Rejected.ResourceInDeleteWindow"], error.code)
    }

    id = native::id_of_list(listed[*].SecretName)
  }
}
