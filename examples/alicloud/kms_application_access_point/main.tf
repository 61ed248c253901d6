# Through which an application reaches KMS.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_application_access_point" "default" {
  application_access_point_name = "terraform-example"
  description                   = "for the web shop"
  policies                      = ["aa"]
}
