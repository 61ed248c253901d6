# New disks are encrypted with a key of our own. Their encryption by default has to be on in the region.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "disks" {
  description            = "Disks"
  pending_window_in_days = 7
}

resource "alicloud_ecs_disk_default_kms_key" "disks" {
  kms_key_id = alicloud_kms_key.disks.id
}
