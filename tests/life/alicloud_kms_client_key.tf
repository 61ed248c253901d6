provider "alicloud" {
  region = "cn-hangzhou"
}
resource "alicloud_kms_application_access_point" "p" {
  application_access_point_name = "p"
  policies = ["aa"]
}
resource "alicloud_kms_application_access_point" "q" {
  application_access_point_name = "q"
  policies = ["aa"]
}

resource "alicloud_kms_client_key" "a" {
  aap_name = alicloud_kms_application_access_point.p.id
  password = "YouPassword123!"
}

#### file: replace
private_key_data_file = "k.json"

#### password: replace
password = "YouPassword124!"

#### dates: replace
not_before = "2023-09-01T14:11:22Z"
not_after = "2028-09-01T14:11:22Z"

#### end: replace
not_after = "2028-10-01T14:11:22Z"

#### access point: replace
aap_name = alicloud_kms_application_access_point.q.id

#### a password that is not kept, still the same: update kept
password = null
password_wo = "YouPassword124!"
password_wo_version = "1"

#### another one: replace
password_wo = "YouPassword125!"
password_wo_version = "2"

#### file again: replace
private_key_data_file = "l.json"

#### a password that is kept: replace
password = "YouPassword126!"
password_wo = null
password_wo_version = null
