# alicloud_kms_instance: a KMS instance of one's own, bought at the billing service and connected to a network.

resource "alicloud_kms_instance" {
  service = "kms"
  about   = "A KMS instance. Making one costs money, and destroying it destroys all keys and secrets in it."
  destroy = "irreversible"

  include "bought" {}

  include "buy" {
    period       = self.payment_type == "PayAsYouGo" ? null : self.period
    renew_period = self.payment_type == "PayAsYouGo" || self.renew_period == null ? null : self.renew_period * (self.renewal_period_unit == "Y" ? 12 : 1)
    parameters = [for code, value in {
      Region         = provider.region
      ProductVersion = self.product_version
      KeyNum         = self.payment_type == "PayAsYouGo" ? null : self.key_num
      SecretNum      = self.payment_type == "PayAsYouGo" ? null : self.secret_num
      Spec           = self.payment_type == "PayAsYouGo" ? null : self.spec
      VpcNum         = self.payment_type == "PayAsYouGo" ? null : self.vpc_num
      Log            = self.log
      LogStorage     = self.log_storage
    } : { Code = code, Value = tostring(value) } if value != null]
  }

  # ---- what a user may write -------------------------------------------------

  argument "vpc_id" {
    about     = "The network that the instance is connected to."
    type      = string
    required  = true
    force_new = true
    read      = or(instance.VpcId, self.vpc_id)
  }

  argument "zone_ids" {
    about     = "The zones that it stands in, two in most regions."
    type      = set(string)
    required  = true
    force_new = true
    read      = length(or(instance.ZoneIds, [])) == 0 ? self.zone_ids : instance.ZoneIds
  }

  argument "vswitch_ids" {
    about     = "The vSwitches that it is reached through."
    type      = set(string)
    required  = true
    force_new = true
    read      = length(or(instance.VswitchIds, [])) == 0 ? self.vswitch_ids : instance.VswitchIds
  }

  argument "payment_type" {
    about     = "Subscription, or PayAsYouGo; Subscription when left out."
    type      = string
    computed  = true
    force_new = true
    one_of    = ["Subscription", "PayAsYouGo"]
    read      = instance.ChargeType == "POSTPAY" ? "PayAsYouGo" : "Subscription"
  }

  argument "product_version" {
    about    = "3: software; 5: hardware."
    type     = string
    computed = true
    one_of   = ["3", "5"]
    read     = or(tostring(instance.ProductVersion), null)
  }

  argument "instance_name" {
    about    = "Its name; its id when left out."
    type     = string
    computed = true
    read     = instance.InstanceName
  }

  argument "key_num" {
    about    = "How many keys it can hold. Has no effect with PayAsYouGo, like the three that follow."
    type     = number
    computed = true
    range    = [100, 100000]
    read     = instance.ChargeType == "POSTPAY" ? or(self.key_num, instance.KeyNum) : instance.KeyNum
  }

  argument "secret_num" {
    about    = "How many secrets it can hold."
    type     = number
    computed = true
    range    = [0, 100000]
    read     = instance.ChargeType == "POSTPAY" ? or(self.secret_num, tonumber(instance.SecretNum)) : tonumber(instance.SecretNum)
  }

  argument "spec" {
    about    = "How many calls a second it serves: 200, 1000, 2000 or 4000."
    type     = number
    computed = true
    range    = [0, 4000]
    read     = instance.ChargeType == "POSTPAY" ? or(self.spec, instance.Spec) : instance.Spec
  }

  argument "vpc_num" {
    about    = "How many networks may use it."
    type     = number
    computed = true
    range    = [0, 10000]
    read     = instance.ChargeType == "POSTPAY" ? or(self.vpc_num, instance.VpcNum) : instance.VpcNum
  }

  argument "log" {
    about    = "Whether its log is kept: 0 or 1."
    type     = string
    computed = true
    one_of   = ["0", "1"]
    read     = tostring(instance.Log)
  }

  argument "log_storage" {
    about    = "How much log is kept, in GB."
    type     = number
    computed = true
    range    = [0, 500000]
    read     = instance.LogStorage
  }

  argument "period" {
    about   = "For how many months it is bought: 1, 2, 3, 6, 12, 24 or 36. Has no effect afterwards."
    type    = number
    default = 1
    range   = [0, 36]
  }

  argument "renew_status" {
    about    = "Whether it is renewed by itself."
    type     = string
    computed = true
    one_of   = ["AutoRenewal", "ManualRenewal"]
    read     = instance.ChargeType == "POSTPAY" ? self.renew_status : bought.RenewStatus
  }

  argument "renew_period" {
    about    = "For how long it is renewed, in renewal_period_unit."
    type     = number
    computed = true
    range    = [0, 36]
    read     = instance.ChargeType == "POSTPAY" || or(self.renew_period, 0) * (self.renewal_period_unit == "Y" ? 12 : 1) == or(bought.RenewalDuration, 0) * (bought.RenewalDurationUnit == "Y" ? 12 : 1) ? self.renew_period : bought.RenewalDuration
  }

  argument "renewal_period_unit" {
    about    = "M: months; Y: years. Months when left out."
    type     = string
    computed = true
    one_of   = ["M", "Y"]
    read     = instance.ChargeType == "POSTPAY" || or(self.renew_period, 0) * (self.renewal_period_unit == "Y" ? 12 : 1) == or(bought.RenewalDuration, 0) * (bought.RenewalDurationUnit == "Y" ? 12 : 1) ? self.renewal_period_unit : bought.RenewalDurationUnit
  }

  argument "deletion_protection" {
    about   = "Whether it is safe from deletion."
    type    = bool
    default = false
    read    = instance.DeletionProtection == true
  }

  argument "force_delete_without_backup" {
    about  = "Whether an instance with PayAsYouGo may be destroyed that has no backup."
    type   = string
    one_of = ["true", "false"]
  }

  block "bind_vpcs" {
    about   = "Another network that may use it."
    nesting = "set"
    read = [for v in or(instance.BindVpcs.BindVpc, []) : {
      vpc_id       = v.VpcId
      vswitch_id   = v.VSwitchId
      region_id    = v.RegionId
      vpc_owner_id = tostring(v.VpcOwnerId)
    }]

    argument "vpc_id" {
      about = "The network."
      type  = string
    }

    argument "vswitch_id" {
      about = "The vSwitch that it is reached through."
      type  = string
    }

    argument "region_id" {
      about = "The region of the network."
      type  = string
    }

    argument "vpc_owner_id" {
      about   = "The number of the account that the network belongs to."
      type    = string
      pattern = "^[0-9]*$"
    }
  }

  # An instance that was bought and is not connected is half an instance: it is connected by the next apply.
  attribute "status" {
    about = "Uninitialized, Connecting, Connected, Disconnected or Error."
    type  = string
    read  = tostring(instance.Status)
    plan  = prior == null || prior.status == "Uninitialized" ? "Connected" : prior.status
  }

  attribute "ca_certificate_chain_pem" {
    about = "The certificates by which its clients know it."
    type  = string
    read  = instance.CaCertificateChainPem
  }

  attribute "create_time" {
    about = "When it was bought."
    type  = string
    read  = instance.CreateTime
  }

  attribute "end_date" {
    about = "When it ends."
    type  = string
    read  = instance.EndDate
  }

  rule {
    when    = prior != null && !replacing && changed("product_version")
    holds   = false
    message = "The product version of an instance cannot be changed. Take product_version back to \"${prior.product_version}\", or buy another instance beside this one and move to it."
  }

  rule {
    when    = self.period != null
    holds   = contains([0, 1, 2, 3, 6, 12, 24, 36], self.period)
    message = "An instance is bought for 1, 2, 3, 6, 12, 24 or 36 months, not for ${self.period}."
  }

  # What the cloud has sold is not judged.
  rule {
    when    = self.spec != null && changed("spec")
    holds   = contains([0, 200, 1000, 2000, 4000], self.spec)
    message = "An instance serves 200, 1000, 2000 or 4000 calls a second, not ${self.spec}."
  }

  rule {
    when    = self.renew_status == "AutoRenewal" && self.payment_type != "PayAsYouGo"
    holds   = self.renew_period != null && self.renew_period != 0
    message = "An instance is renewed by itself for some time: give renew_period together with renew_status."
  }

  rule {
    when    = self.payment_type == "PayAsYouGo"
    holds   = self.renew_status == null && self.renew_period == null && (prior != null || (self.key_num == null && self.secret_num == null && self.spec == null && self.vpc_num == null))
    warning = true
    message = "With PayAsYouGo there is nothing to renew, and sizes have no effect."
  }

  rule {
    when    = prior != null && !replacing && contains(["Error", "Disconnected"], or(prior.status, ""))
    holds   = false
    warning = true
    message = "The instance ${id} is in the state ${prior.status}, and nothing here changes that: have it repaired, or replace it."
  }

  timeouts {
    create = "60m"
    update = "60m"
    delete = "10m"
  }

  import {
    match   = "^(?P<id>kst-.+)$"
    example = "kst-hzz62ee817bvyyr5x1234"
  }

  # ---- how it is read back ---------------------------------------------------

  read {
    call "GetKmsInstance" {
      as        = "instance"
      params    = { KmsInstanceId = id }
      expects   = reply.RequestId
      take      = reply.KmsInstance
      null_when = contains(["Forbidden.ResourceNotFound", "Forbidden.DKMSInstanceNotFound"], error.code)
    }

    # Regions share nothing but the billing service: it knows of an instance that only seems to be gone.
    gone = or(instance.InstanceId, null) == null && or(bought.Region, provider.region) == provider.region

    refuse {
      when    = or(instance.InstanceId, null) == null
      message = "The instance ${id} is in ${bought.Region}, but its provider is configured for ${provider.region}, where it would seem to be gone, and another one be bought. Give it a provider of its region, or have it forgotten here with \"state rm\"."
    }
  }

  # ---- what changes it -------------------------------------------------------

  create {
    # What is bought has no network, no name of its own and no tags yet. The groups below give it what the plan wants.
    leaves = {
      status              = "Uninitialized"
      bind_vpcs           = []
      deletion_protection = false
      instance_name       = null
      tags                = {}
    }
  }

  update "connect" {
    on   = ["status"]
    when = prior.status == "Uninitialized"

    # The key management service hears of a purchase a little later.
    call "ConnectKmsInstance" {
      params = {
        KmsInstanceId = id
        KMProvider    = "Aliyun"
        VpcId         = self.vpc_id
        ZoneIds       = join(",", sort(self.zone_ids))
        VSwitchIds    = join(",", sort(self.vswitch_ids))
      }
      retry_when = contains(["Forbidden.RamRoleNotFound", "Forbidden.ResourceNotFound", "Forbidden.DKMSInstanceNotFound"], error.code)
    }

    # An error is final, and the next group tells it.
    wait {
      until = contains(["Connected", "Error"], or(instance.Status, ""))
      every = "30s"
      limit = "60m"
      now   = true
    }
  }

  update "connected" {
    on   = ["status"]
    when = prior.status == "Uninitialized"

    call "GetKmsInstance" {
      params = { KmsInstanceId = id }

      refuse {
        when    = reply.KmsInstance.Status == "Error"
        message = "The instance ${id} was bought, but connecting it to ${self.vpc_id} has failed. Destroy it to get it refunded, or have it repaired."
      }
    }
  }

  update "size" {
    on   = ["key_num", "secret_num", "spec", "vpc_num", "log", "log_storage", "product_version"]
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

    call "ModifyInstance" {
      service = "bssopenapi"
      params = {
        InstanceId       = id
        ClientToken      = native::unique_name("keyform-")
        ProductCode      = "kms"
        ProductType      = order.ProductType
        SubscriptionType = "Subscription"
        ModifyType       = "Upgrade"
        Parameter = [for code, value in {
          KeyNum     = self.key_num
          SecretNum  = self.secret_num
          Spec       = self.spec
          VpcNum     = self.vpc_num
          Log        = self.log
          LogStorage = self.log_storage
        } : { Code = code, Value = tostring(value) } if value != null]
      }

      fallback {
        when     = error.code == "NotApplicable"
        endpoint = "business.ap-southeast-1.aliyuncs.com"
      }
    }

    wait {
      until = instance.KeyNum == self.key_num && tonumber(instance.SecretNum) == self.secret_num && instance.Spec == self.spec && instance.VpcNum == self.vpc_num
      every = "10s"
      limit = "60m"
      now   = true
    }
  }

  update "networks" {
    on = ["bind_vpcs"]

    call "UpdateKmsInstanceBindVpc" {
      params = {
        KmsInstanceId = id
        BindVpcs = jsonencode([for v in self.bind_vpcs : {
          VpcId      = v.vpc_id
          VSwitchId  = v.vswitch_id
          RegionId   = or(v.region_id, provider.region)
          VpcOwnerId = tonumber(or(v.vpc_owner_id, null))
        }])
      }
      retry_when = error.code == "Forbidden.KMSInstanceInUpgrade"
    }
  }

  update "name" {
    on = ["instance_name"]

    call "UpdateKmsInstance" {
      when   = or(self.instance_name, null) != null
      params = { KmsInstanceId = id, InstanceName = self.instance_name }
    }
  }

  include "renewal" {
    on   = ["renew_status", "renew_period", "renewal_period_unit"]
    unit = or(self.renewal_period_unit, "M")
  }

  include "tags" {
    kind      = "instance"
    force_new = false
  }

  update "deletion_protection" {
    on = ["deletion_protection"]

    call "SetDeletionProtection" {
      params = { KmsInstanceId = id, EnableDeletionProtection = self.deletion_protection == true }
    }
  }

  delete {
    rule {
      guard   = true
      holds   = prior.deletion_protection != true
      message = "The instance ${id} is protected from deletion. Set deletion_protection to false and apply that first."
    }

    call "ReleaseKmsInstance" {
      when    = self.payment_type == "PayAsYouGo"
      params  = { KmsInstanceId = id, ForceDeleteWithoutBackup = self.force_delete_without_backup }
      ok_when = contains(["Forbidden.ResourceNotFound", "Forbidden.DKMSInstanceNotFound"], error.code)
    }

    wait {
      until = gone
      every = "10s"
      limit = "10m"
    }
  }

  include "refund" {
    when = self.payment_type != "PayAsYouGo"
  }
}
