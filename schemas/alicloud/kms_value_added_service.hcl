# alicloud_kms_value_added_service: what can be bought beside instances. So far that is the rotation of default keys.

resource "alicloud_kms_value_added_service" {
  service = "bssopenapi"
  about   = "A value-added service of KMS, bought for a region. Making one costs money."

  include "bought" {}

  argument "payment_type" {
    about     = "How it is paid for."
    type      = string
    required  = true
    force_new = true
    one_of    = ["Subscription", "PayAsYouGo"]

    # The order of a service paid by use calls itself a subscription all the same.
    read = startswith(or(bought.ProductType, ""), "kms_ppi") ? "PayAsYouGo" : "Subscription"
  }

  argument "value_added_service" {
    about       = "2: the rotation of default keys."
    type        = string
    force_new   = true
    pattern     = "^[0-9]$"
    ignore_when = prior != null && prior.value_added_service == null # nobody tells which it is
  }

  argument "period" {
    about = "For how many years it is bought. Has no effect afterwards."
    type  = number
    range = [0, 3]
  }

  argument "renew_status" {
    about    = "Whether it is renewed by itself."
    type     = string
    computed = true
    one_of   = ["AutoRenewal", "ManualRenewal", "NotRenewal"]
    read     = bought.RenewStatus
  }

  argument "renew_period" {
    about    = "For how many years it is renewed."
    type     = number
    computed = true
    range    = [0, 3]
    read     = or(bought.RenewalDuration, null) == null ? null : bought.RenewalDurationUnit == "Y" ? bought.RenewalDuration : ceil(bought.RenewalDuration / 12)
  }

  attribute "create_time" {
    about = "When it was bought."
    type  = string
    read  = bought.CreateTime
  }

  attribute "region_id" {
    about = "The region that it was bought for."
    type  = string
    read  = bought.Region
  }

  attribute "status" {
    about = "Normal, while it lasts."
    type  = string
    read  = tostring(bought.Status)
  }

  rule {
    when    = self.renew_status == "AutoRenewal"
    holds   = self.renew_period != null && self.renew_period != 0
    message = "A service is renewed by itself for some years: give renew_period together with renew_status."
  }

  timeouts {
    create = "10m"
    update = "10m"
    delete = "10m"
  }

  import {
    match   = "^(?P<id>[^:/]+)$"
    example = "dkr-hzz62ee817bvyyr5x1234"
  }

  read {
    gone = bought == null
  }

  create {
    # A second one of the same kind would be charged for, and refunded by the service right away.
    call "QueryAvailableInstances" {
      as      = "there"
      service = "bssopenapi"
      when    = self.value_added_service == "2"
      params  = { ProductCode = "kms", Region = provider.region, PageSize = 100 }
      pages   = { ask = "PageNum", total = reply.Data.TotalCount, size = or(reply.Data.PageSize, 100) }
      expects = reply.Data.InstanceList

      refuse {
        when    = length([for i in reply.Data.InstanceList : i if startswith(i.InstanceID, "dkr-") && i.Status == "Normal"]) > 0
        message = "The rotation of default keys is bought for ${provider.region} already, as ${join(", ", [for i in reply.Data.InstanceList : i.InstanceID if startswith(i.InstanceID, "dkr-") && i.Status == "Normal"])}. Import it instead of buying it twice."
      }

      fallback {
        when     = error.code == "NotApplicable"
        endpoint = "business.ap-southeast-1.aliyuncs.com"
      }
    }

    wait {
      until = bought.Status == "Normal"
      every = "5s"
      limit = "10m"
    }
  }

  include "buy" {
    period       = or(self.period, 0) == 0 ? null : self.period * 12
    renew_period = or(self.renew_period, 0) == 0 ? null : self.renew_period * 12
    parameters = [for code, value in {
      Region            = provider.region
      ProductVersion    = "4"
      ValueAddedService = self.value_added_service
    } : { Code = code, Value = value } if value != null]
  }

  include "renewal" {
    on   = ["renew_status", "renew_period"]
    unit = "Y"
  }

  delete {
    wait {
      until = gone
      every = "5s"
      limit = "10m"
    }
  }

  include "refund" {
    when = true
  }
}
