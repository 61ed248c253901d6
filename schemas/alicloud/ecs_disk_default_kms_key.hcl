# alicloud_ecs_disk_default_kms_key: which key encrypts the disks of a region when nobody says.

resource "alicloud_ecs_disk_default_kms_key" {
  service = "ecs"
  about   = "The key that encrypts new disks of a region, where their encryption by default is on. Destroyed, the service's own key does it again."

  argument "kms_key_id" {
    about    = "The key, by its id or ARN."
    type     = string
    required = true
    same     = "key_ref"
    read     = disks.KMSKeyId
  }

  timeouts {
    create = "5m"
    update = "5m"
    delete = "5m"
  }

  import {
    match   = "^(?P<id>[a-z]+-[a-z0-9-]+)$"
    example = "cn-hangzhou"
  }

  read {
    call "DescribeDiskDefaultKMSKeyId" {
      as        = "disks"
      region    = id
      params    = { RegionId = id }
      expects   = reply.RequestId
      gone_when = error.code == "InvalidDefaultEncryption.NotFound"
    }

    gone = or(disks.KMSKeyId, null) == null
  }

  create {
    repeatable = true

    call "ModifyDiskDefaultKMSKeyId" {
      params = { RegionId = provider.region, KMSKeyId = replace(self.kms_key_id, "/^acs:kms:[^/]*:key\\//", "") }
    }

    id = provider.region
  }

  update "key" {
    on = ["kms_key_id"]

    call "ModifyDiskDefaultKMSKeyId" {
      region = id
      params = { RegionId = id, KMSKeyId = replace(self.kms_key_id, "/^acs:kms:[^/]*:key\\//", "") }
    }
  }

  delete {
    call "ResetDiskDefaultKMSKeyId" {
      region  = id
      params  = { RegionId = id }
      ok_when = error.code == "InvalidDefaultEncryption.NotFound"
    }
  }
}
