# The aliases of a region.

data "alicloud_kms_aliases" {
  service = "kms"
  about   = "Aliases of KMS keys, by name."

  include "output_file" {
    list = self.aliases
  }

  argument "ids" {
    about    = "Only aliases with one of these names. After the read: the names of all that were found."
    type     = list(string)
    computed = true
    read     = listed[*].AliasName
  }

  argument "name_regex" {
    about  = "Only aliases whose name matches this regular expression."
    type   = string
    format = "regex"
  }

  attribute "names" {
    about = "The names of the aliases."
    type  = list(string)
    read  = listed[*].AliasName
  }

  attribute "aliases" {
    about = "The aliases."
    type  = list(object({ alias_name = string, id = string, key_id = string }))
    read  = [for a in listed : { alias_name = a.AliasName, id = a.AliasName, key_id = a.KeyId }]
  }

  read {
    call "ListAliases" {
      as      = "listed"
      params  = { PageSize = 100 }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      take = [
        for a in or(reply.Aliases.Alias, []) : a
        if(length(or(self.ids, [])) == 0 || contains(or(self.ids, []), a.AliasName)) && length(regexall(or(self.name_regex, ""), a.AliasName)) > 0
      ]
      shared = true
    }

    id = native::id_of_list(listed[*].AliasName)
  }
}
