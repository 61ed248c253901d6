provider "aws" {
  region     = "eu-west-1"
  access_key = "AKIANOBODY0000000000"
  secret_key = "not+a+secret"
  endpoints {
    kms = "http://<CLOUD>"
    sts = "http://<CLOUD>"
  }
}

resource "aws_kms_key" "k" {}
