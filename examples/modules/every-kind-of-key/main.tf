# One module for keys of every kind: material of AWS or brought along, in one region or several, with a policy made of
# parts, names and grants.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "replica"
  region = "eu-central-1"
}

variable "material" {
  description = "32 bytes of key material, in base64."
  type        = string
  sensitive   = true
  default     = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
}

data "aws_caller_identity" "current" {}

data "aws_service_principal" "logs" {
  service_name = "logs"
}

locals {
  me   = data.aws_caller_identity.current.arn
  tags = { example = "every-kind-of-key" }

  role = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/worker"
}

module "complete" {
  source = "./modules/key"

  description                        = "Every argument"
  bypass_policy_lockout_safety_check = false
  deletion_window_in_days            = 7
  enable_key_rotation                = true
  rotation_period_in_days            = 180
  is_enabled                         = true
  key_usage                          = "ENCRYPT_DECRYPT"
  key_spec                           = "SYMMETRIC_DEFAULT"

  owners = [local.me]

  statements = {
    logs = {
      sid        = "Logs"
      actions    = ["kms:Encrypt*", "kms:Decrypt*", "kms:Describe*"]
      resources  = ["*"]
      principals = [{ type = "Service", identifiers = [data.aws_service_principal.logs.name] }]
      conditions = [{ test = "ArnLike", variable = "kms:EncryptionContext:aws:logs:arn", values = ["arn:aws:logs:*"] }]
    }
    nobody = {
      sid            = "Others"
      effect         = "Deny"
      actions        = ["kms:ScheduleKeyDeletion"]
      resources      = ["*"]
      not_principals = [{ type = "AWS", identifiers = [local.me] }]
    }
  }

  aliases                 = ["one", "foo/bar"]
  computed_aliases        = { ex = { name = split("-", module.external.key_id)[0] } }
  aliases_use_name_prefix = true

  grants = {
    worker = {
      grantee_principal = local.role
      operations        = ["Encrypt", "Decrypt", "GenerateDataKey"]
      constraints       = { encryption_context_equals = { Department = "Finance" } }
    }
    auditor = {
      name              = "audit"
      grantee_principal = local.role
      operations        = ["DescribeKey"]
      retire_on_delete  = false
    }
  }

  tags = local.tags
}

module "external" {
  source = "./modules/key"

  description             = "Material from elsewhere"
  kind                    = "external"
  deletion_window_in_days = 7
  key_material_base64     = var.material
  tags                    = local.tags
}

module "signing" {
  source = "./modules/key"

  description             = "Signs"
  deletion_window_in_days = 7
  key_usage               = "SIGN_VERIFY"
  key_spec                = "ECC_NIST_P256"
  aliases                 = ["signing"]
}

module "defaults" {
  source = "./modules/key"
}

module "nothing" {
  source = "./modules/key"

  create = false
}

module "primary" {
  source = "./modules/key"

  deletion_window_in_days = 7
  multi_region            = true
  aliases                 = ["standard"]
}

module "replica" {
  source = "./modules/key"

  kind                    = "replica"
  deletion_window_in_days = 7
  primary_key_arn         = module.primary.key_arn
  aliases                 = ["standard"]
  owners                  = [local.me]

  providers = {
    aws = aws.replica
  }
}

module "primary_external" {
  source = "./modules/key"

  kind                    = "external"
  deletion_window_in_days = 7
  multi_region            = true
  key_material_base64     = var.material
  aliases                 = ["brought"]
}

module "replica_external" {
  source = "./modules/key"

  kind                    = "replica_external"
  deletion_window_in_days = 7
  primary_key_arn         = module.primary_external.key_arn
  key_material_base64     = var.material
  aliases                 = ["brought"]

  grants = {
    worker = {
      grantee_principal = local.role
      operations        = ["Encrypt"]
    }
  }

  providers = {
    aws = aws.replica
  }
}

output "names" {
  description = "The prefixes of the names of the complete key."
  value       = sort([for one in module.complete.aliases : one.name_prefix if one.name_prefix != "alias/${split("-", module.external.key_id)[0]}-"])
}

output "statements" {
  description = "The ids of the statements of its policy."
  value       = jsondecode(module.complete.key_policy).Statement[*].Sid
}

output "external" {
  description = "What became of the imported material."
  value       = [module.external.state, module.external.expiration_model, module.replica_external.state]
}

output "replicas" {
  description = "Whether the replicas are their primary keys elsewhere."
  value       = [module.replica.key_id == module.primary.key_id, split(":", module.replica_external.key_arn)[3]]
}

output "nothing" {
  description = "There is nothing."
  value       = module.nothing.key_arn == null ? "none" : "some"
}
