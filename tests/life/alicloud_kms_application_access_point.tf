provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_application_access_point" "a" {
  application_access_point_name = "p"
  policies = ["aa"]
}

#### policy: update
policies = ["aa","bb"]

#### description: update
description = "x"

#### no description: update
description = null

#### name: replace
application_access_point_name = "q"
