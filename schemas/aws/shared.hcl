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
        if !startswith(t.TagKey, "aws:") && !contains(or(provider.ignore_tags.keys, []), t.TagKey) && length([for p in or(provider.ignore_tags.key_prefixes, []) : p if startswith(t.TagKey, p)]) == 0
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
