provider "aws" {
  region     = "eu-west-1"
  access_key = "AKIASANDBOXKEYFORM00"
  secret_key = "sandbox+secret+access+key+of+keyform/aws"
  endpoints {
    kms = "http://<CLOUD>"
    sts = "http://<CLOUD>"
  }
}

resource "aws_kms_key" "k" {}
