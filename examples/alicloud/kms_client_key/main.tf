# The private key with which an application uses its access point. The file is readable by its owner only.

variable "password" {
  type      = string
  sensitive = true
  default   = "YouPassword123!"
}

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_application_access_point" "app" {
  application_access_point_name = "terraform-example"
  description                   = "aa"
  policies                      = ["aa"]
}

resource "alicloud_kms_client_key" "default" {
  aap_name              = alicloud_kms_application_access_point.app.application_access_point_name
  password              = var.password
  not_before            = "2023-09-01T14:11:22Z"
  not_after             = "2028-09-01T14:11:22Z"
  private_key_data_file = "./private_key_data_file.txt"
}
