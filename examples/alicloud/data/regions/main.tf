# The provider's region, and all.

provider "alicloud" {
  region = "cn-hangzhou"
}

data "alicloud_regions" "current" {
  current = true
}

data "alicloud_regions" "all" {}

output "regions" {
  value = {
    here = one(data.alicloud_regions.current.ids)
    all  = data.alicloud_regions.all.ids
  }
}
