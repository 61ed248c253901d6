provider "aws" {
  endpoints {
    kms            = "http://localhost:4566"
    s3             = "http://localhost:4566"
    secretsmanager = var.address
    es             = null
    dynamdb        = "http://localhost:4566"
  }
}

provider "alicloud" {
  endpoints {
    kms      = "kms.cn-hangzhou.aliyuncs.com"
    oss      = "oss-cn-hangzhou.aliyuncs.com"
    location = "location.aliyuncs.com"
    osss     = "oss-cn-hangzhou.aliyuncs.com"
  }
}

variable "address" {}
