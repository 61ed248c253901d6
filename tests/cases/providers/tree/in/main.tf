terraform {
  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = "~> 1.2"
    }
  }
}

module "m" {
  source = "./m"
}
