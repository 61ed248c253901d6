# Keys whose policies are put together from lists of principals and from statements in full, and one that is not made.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "region" {
  description = "Where the keys are."
  type        = string
  default     = "eu-west-1"
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { managed_by = "keyform" }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  roles = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role"
}

module "logs" {
  source = "./modules/key"

  description    = "Encrypts the logs of the shop"
  administrators = ["${local.roles}/security"]
  users          = ["${local.roles}/reader", "${local.roles}/writer"]

  aliases = ["shop/logs"]
  computed_aliases = {
    archive = { name = "shop/archive" }
    audit   = { name = "shop/audit" }
  }

  statements = {
    logs = {
      actions = ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
      principals = [
        { type = "Service", identifiers = ["logs.${var.region}.amazonaws.com"] },
      ]
      conditions = [
        {
          test     = "ArnLike"
          variable = "kms:EncryptionContext:aws:logs:arn"
          values   = ["arn:aws:logs:${var.region}:${data.aws_caller_identity.current.account_id}:*"]
        },
      ]
    }
    unencrypted = {
      effect     = "Deny"
      actions    = ["kms:Decrypt"]
      principals = [{ identifiers = ["*"] }]
      conditions = [
        { test = "Bool", variable = "aws:SecureTransport", values = ["false"] },
      ]
    }
  }

  grants = {
    reports = {
      grantee    = "${local.roles}/reports"
      operations = ["Decrypt", "DescribeKey"]
      context    = { Department = "Finance" }
    }
    backup = {
      grantee = "${local.roles}/backup"
    }
  }

  tags = { service = "logs" }
}

module "plain" {
  source = "./modules/key"

  description  = "Has the policy that everybody starts with"
  key_rotation = { enabled = false }
}

module "nothing" {
  source = "./modules/key"

  create  = false
  aliases = ["shop/nothing"]
  grants  = { nobody = { grantee = "${local.roles}/nobody" } }
}

output "logs" {
  description = "The key of the logs."
  value       = module.logs.arn
}

output "aliases" {
  description = "The names of the key of the logs."
  value       = sort([for alias in module.logs.aliases : alias.name])
}

output "statements" {
  description = "The statements in the policy of each key."
  value = {
    for name, key in { logs = module.logs, plain = module.plain, nothing = module.nothing } :
    name => try(jsondecode(key.policy).Statement[*].Sid, null)
  }
}

output "nothing" {
  description = "What a module that makes nothing has to say."
  value       = coalesce(module.nothing.arn, "none")
}
