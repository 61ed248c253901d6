# Data sources of AWS that ask nobody.

provider "aws" {
  region = "eu-west-1"
}

data "aws_region" "here" {}

data "aws_region" "there" {
  region = "eu-central-1"
}

data "aws_region" "named" {
  name = "us-east-1"
}

data "aws_region" "at" {
  endpoint = "ec2.cn-north-1.amazonaws.com.cn"
}

data "aws_iam_policy_document" "source" {
  statement {
    sid       = "replaced"
    actions   = ["kms:Encrypt"]
    resources = ["*"]
  }

  statement {
    sid       = "kept"
    actions   = ["kms:Sign"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "override" {
  statement {
    sid           = "replaced"
    effect        = "Deny"
    not_actions   = ["kms:Decrypt", "kms:Encrypt"]
    not_resources = ["a"]

    not_principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["b", "a"]
    }
  }
}

data "aws_iam_policy_document" "whole" {
  policy_id                 = "id"
  version                   = "2012-10-17"
  source_policy_documents   = [data.aws_iam_policy_document.source.json]
  override_policy_documents = [data.aws_iam_policy_document.override.json]
  source_json               = ""
  override_json             = ""

  statement {
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

output "found" {
  value = {
    regions  = [data.aws_region.here.region, data.aws_region.there.description, data.aws_region.named.endpoint, data.aws_region.at.region]
    document = jsondecode(data.aws_iam_policy_document.whole.minified_json)
  }
}

output "expected" {
  value = {
    regions = ["eu-west-1", "Europe (Frankfurt)", "ec2.us-east-1.amazonaws.com", "cn-north-1"]
    document = {
      Version = "2012-10-17"
      Id      = "id"
      Statement = [
        {
          Sid          = "replaced"
          Effect       = "Deny"
          NotAction    = ["kms:Encrypt", "kms:Decrypt"]
          NotResource  = "a"
          NotPrincipal = { AWS = "arn:aws:iam::123456789012:root" }
          Condition    = { StringEquals = { "kms:ViaService" = ["b", "a"] } }
        },
        { Sid = "kept", Effect = "Allow", Action = "kms:Sign", Resource = "*" },
        { Effect = "Allow", Action = "kms:*", Resource = "*", Principal = "*" },
      ]
    }
  }
}
