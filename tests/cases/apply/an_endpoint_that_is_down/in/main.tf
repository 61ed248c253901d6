provider "aws" {
  region     = "eu-west-1"
  access_key = "AKIAEXAMPLE000000000"
  secret_key = "not+a+secret"
  endpoints {
    kms = "http://127.0.0.1:1"
  }
}

resource "aws_kms_key" "k" {}
