# Pieces that several Alibaba Cloud types include by name; `with` holds what the includer passes.

# tags of a kind of resource: key, secret. Keys that the cloud keeps for itself are neither seen nor removed.
shared "tags" {
  argument "tags" {
    about     = "Tags."
    type      = map(string)
    force_new = with.force_new
    length    = [0, 20]
    read      = { for t in tags : t.TagKey => t.TagValue }
  }

  rule {
    holds   = length([for k, v in or(self.tags, {}) : k if length(regexall("^(aliyun|acs:|http://|https://)", k)) > 0]) == 0
    message = "Keys of tags that begin with aliyun, acs:, http:// or https:// belong to Alibaba Cloud."
  }

  read {
    call "ListTagResources" {
      as      = "tags"
      params  = { RegionId = provider.region, ResourceType = with.kind, ResourceId = [id] }
      pages   = { ask = "NextToken", next = reply.NextToken }
      expects = reply.RequestId
      take    = [for t in or(reply.TagResources.TagResource, []) : t if length(regexall("^(aliyun|acs:|http://|https://)", t.TagKey)) == 0]
    }
  }

  update "tags" {
    on = ["tags"]

    call "UntagResources" {
      when   = length(removed(prior.tags, self.tags)) > 0
      params = { RegionId = provider.region, ResourceType = with.kind, ResourceId = [id], TagKey = removed(prior.tags, self.tags) }
    }

    call "TagResources" {
      when   = length(upserted(prior.tags, self.tags)) > 0
      params = { RegionId = provider.region, ResourceType = with.kind, ResourceId = [id], Tag = [for k, v in upserted(prior.tags, self.tags) : { Key = k, Value = v }] }
    }
  }
}

# output_file of data sources that list things.
shared "output_file" {
  argument "output_file" {
    about = "A file to write the list to, as JSON. Only its owner may read it."
    type  = string
  }

  read {
    effect "write_file" {
      when    = or(self.output_file, null) != null
      path    = self.output_file
      content = native::json_with_tabs(with.list)
    }
  }
}
