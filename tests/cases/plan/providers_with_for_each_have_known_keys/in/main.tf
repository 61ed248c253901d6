variable "secret" {
  default   = "eu-west-1"
  sensitive = true
}

provider "aws" {
  alias      = "each"
  for_each   = toset(["eu-west-1"])
  region     = each.value
  access_key = "AKIASANDBOXKEYFORM00"
  secret_key = "sandbox+secret+access+key+of+keyform/aws"
  endpoints {
    kms = "http://<CLOUD>"
    sts = "http://<CLOUD>"
  }
}

resource "terraform_data" "unknown" {}

resource "aws_kms_key" "fine" {
  provider = aws.each["eu-west-1"]
}

resource "aws_kms_key" "unknown" {
  provider = aws.each[terraform_data.unknown.id]
}

resource "aws_kms_key" "secret" {
  provider = aws.each[var.secret]
}

resource "aws_kms_key" "absent" {
  provider = aws.each["us-west-2"]
}
