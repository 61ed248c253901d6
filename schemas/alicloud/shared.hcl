# Pieces that several Alibaba Cloud types include by name; `with` holds what the includer passes.

# tags of a kind of resource: key, secret, instance. Keys that the cloud keeps for itself are neither seen nor removed.
shared "tags" {
  argument "tags" {
    about     = "Tags."
    type      = map(string)
    force_new = with.force_new
    length    = [0, 20]
    read      = { for t in or(tags, []) : t.TagKey => t.TagValue }
  }

  rule {
    holds   = !contains(keys(or(self.tags, {})), "keyform:id")
    message = "The tag keyform:id is this program's own: by it a new key is found again when the answer to its creation is lost."
  }

  rule {
    holds   = length([for k, v in or(self.tags, {}) : k if length(regexall("^(aliyun|acs:|http://|https://)", k)) > 0]) == 0
    message = "Keys of tags that begin with aliyun, acs:, http:// or https:// belong to Alibaba Cloud."
  }

  rule {
    holds   = length([for k, v in or(self.tags, {}) : k if length(k) > 128 || length(or(v, "")) > 128]) == 0
    message = "Keys and values of tags have at most 128 characters."
  }

  read {
    call "ListTagResources" {
      as        = "tags"
      params    = { RegionId = provider.region, ResourceType = with.kind, ResourceId = [id] }
      pages     = { ask = "NextToken", next = reply.NextToken }
      expects   = reply.RequestId
      null_when = error.code == "Rejected.Uninitialized" # an instance that is not connected yet
      together  = { param = "ResourceId", most = 50 }
      take      = [for t in or(reply.TagResources.TagResource, []) : t if or(t.ResourceId, id) == id && t.TagKey != "keyform:id" && length(regexall("^(aliyun|acs:|http://|https://)", t.TagKey)) == 0]
    }
  }

  # What was just written is told a little later.
  create {
    wait {
      when  = length(or(self.tags, {})) > 0
      until = length(removed({ for t in or(tags, []) : t.TagKey => t.TagValue }, self.tags)) == 0 && length(upserted({ for t in or(tags, []) : t.TagKey => t.TagValue }, self.tags)) == 0
      every = "1s"
      limit = "1m"
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

    wait {
      until = length(removed({ for t in or(tags, []) : t.TagKey => t.TagValue }, self.tags)) == 0 && length(upserted({ for t in or(tags, []) : t.TagKey => t.TagValue }, self.tags)) == 0
      every = "1s"
      limit = "1m"
    }
  }
}

# Regions share nothing, so that in another one everything seems to be deleted: what is recorded there is not looked for here.
# Regions for banks and authorities have several names each, so that nothing is said of them.
shared "own_region" {
  read {
    refuse {
      when    = !(length(regexall("^acs:kms:(${provider.region}:|.*(fin|hzjbp|gov))", or(self.arn, "acs:kms:${provider.region}:"))) > 0 || length(regexall("fin|hzjbp|gov", provider.region)) > 0)
      message = "${self.arn} is recorded, but its provider is configured for ${provider.region}, where it would seem to be deleted. Give it a provider of its region, or have it forgotten here with \"state rm\"."
    }
  }

  delete {
    rule {
      holds   = length(regexall("^acs:kms:(${provider.region}:|.*(fin|hzjbp|gov))", or(prior.arn, "acs:kms:${provider.region}:"))) > 0 || length(regexall("fin|hzjbp|gov", provider.region)) > 0
      message = "${prior.arn} is recorded, but its provider is configured for ${provider.region}, where nothing would be deleted. Give it a provider of its region, or have it forgotten here with \"state rm\"."
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

# What the billing service has of something bought. An account of the international site buys at another host.
shared "bought" {
  read {
    call "QueryAvailableInstances" {
      as      = "bought"
      service = "bssopenapi"
      params  = { InstanceIDs = id, ProductCode = "kms" }
      expects = reply.Data.InstanceList
      take    = one([for i in reply.Data.InstanceList : i if i.InstanceID == id])

      fallback {
        when     = error.code == "NotApplicable"
        endpoint = "business.ap-southeast-1.aliyuncs.com"
      }
    }
  }
}

# Buying. Which site an account belongs to is told by the provider's account_type, or found out: what one site sells is
# not applicable to accounts of the other.
shared "buy" {
  create {
    once = { token = native::unique_name("keyform-") }

    # The same token buys nothing twice.
    repeatable = true

    call "CreateInstance" {
      as      = "home"
      service = "bssopenapi"
      when    = lower(or(provider.account_type, "domestic")) != "international"
      params = {
        ClientToken      = token
        ProductCode      = "kms"
        ProductType      = self.payment_type == "PayAsYouGo" ? "kms_ppi_public_cn" : "kms_ddi_public_cn"
        SubscriptionType = or(self.payment_type, "Subscription")
        Period           = with.period
        RenewPeriod      = with.renew_period
        RenewalStatus    = self.payment_type == "PayAsYouGo" ? null : self.renew_status
        Parameter        = with.parameters
      }
      ok_when = error.code == "NotApplicable"
    }

    call "CreateInstance" {
      as      = "abroad"
      service = "bssopenapi"
      when    = home == null
      params = {
        ClientToken      = token
        ProductCode      = "kms"
        ProductType      = self.payment_type == "PayAsYouGo" ? "kms_ppi_public_intl" : "kms_ddi_public_intl"
        SubscriptionType = or(self.payment_type, "Subscription")
        Period           = with.period
        RenewPeriod      = with.renew_period
        RenewalStatus    = self.payment_type == "PayAsYouGo" ? null : self.renew_status
        Parameter        = with.parameters
      }

      fallback {
        when     = error.code == "NotApplicable"
        endpoint = "business.ap-southeast-1.aliyuncs.com"
      }
    }

    id = or(home, abroad).Data.InstanceId
  }
}

# Whether and for how long something bought is renewed.
shared "renewal" {
  update "renewal" {
    on   = with.on
    when = self.payment_type != "PayAsYouGo"

    call "QueryAvailableInstances" {
      as      = "order"
      service = "bssopenapi"
      params  = { InstanceIDs = id, ProductCode = "kms" }
      take    = one([for i in reply.Data.InstanceList : i if i.InstanceID == id])

      fallback {
        when     = error.code == "NotApplicable"
        endpoint = "business.ap-southeast-1.aliyuncs.com"
      }
    }

    call "SetRenewal" {
      service = "bssopenapi"
      params = {
        InstanceIDs       = id
        ProductCode       = "kms"
        ProductType       = order.ProductType
        SubscriptionType  = "Subscription"
        RenewalStatus     = self.renew_status
        RenewalPeriod     = self.renew_status == "AutoRenewal" ? self.renew_period : null
        RenewalPeriodUnit = self.renew_status == "AutoRenewal" ? with.unit : null
      }

      fallback {
        when     = error.code == "NotApplicable"
        endpoint = "business.ap-southeast-1.aliyuncs.com"
      }
    }
  }
}

# Giving back what was bought.
shared "refund" {
  delete {
    call "QueryAvailableInstances" {
      as      = "order"
      service = "bssopenapi"
      when    = with.when
      params  = { InstanceIDs = id, ProductCode = "kms" }
      take    = one([for i in reply.Data.InstanceList : i if i.InstanceID == id])

      fallback {
        when     = error.code == "NotApplicable"
        endpoint = "business.ap-southeast-1.aliyuncs.com"
      }
    }

    call "RefundInstance" {
      service = "bssopenapi"
      when    = order != null
      params = {
        InstanceId         = id
        ClientToken        = native::unique_name("keyform-")
        ImmediatelyRelease = "1"
        ProductCode        = "kms"
        ProductType        = order.ProductType
      }
      ok_when = error.code == "ResourceNotExists"

      fallback {
        when     = error.code == "NotApplicable"
        endpoint = "business.ap-southeast-1.aliyuncs.com"
      }
    }
  }
}
