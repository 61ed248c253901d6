# Secrets of services, each encrypted under a key of its own.

terraform {
  required_version = ">= 1.9"

  required_providers {
    alicloud = {
      source = "aliyun/alicloud"
    }
  }
}

variable "environment" {
  description = "Where the services run."
  type        = string
  default     = "test"
  nullable    = false

  validation {
    condition     = contains(["test", "prod"], var.environment)
    error_message = "The environment is test or prod, not ${var.environment}."
  }
}

variable "recovery_window" {
  description = "Days in which a deleted secret can be called back; null deletes at once."
  type        = number
  default     = null

  validation {
    condition     = var.environment != "prod" || var.recovery_window != null
    error_message = "In ${var.environment}, secrets need a recovery_window."
  }
}

variable "passwords" {
  description = "The passwords of the services."
  type        = map(string)
  sensitive   = true
  default = {
    database = "correct horse battery staple"
    mail     = "Tr0ub4dor&3 and more"
  }
}

variable "versions" {
  description = "A number for each password, to be raised with it."
  type        = map(number)
  default     = { database = 2 }
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.versions), nonsensitive(keys(var.passwords)))) == 0
    error_message = "There are versions of passwords that do not exist."
  }
}

provider "alicloud" {
  region         = "cn-hangzhou"
  secret_updates = "in_place"
}

module "secret" {
  source = "./modules/secret"

  # The names of the services are no secret, and addresses cannot be.
  for_each = toset(nonsensitive(keys(var.passwords)))

  name            = "${var.environment}/${each.key}"
  value           = { password = var.passwords[each.key], user = each.key }
  serial          = lookup(var.versions, each.key, null)
  recovery_window = var.recovery_window
  protected       = var.environment == "prod"
}

check "every_secret_has_its_own_key" {
  assert {
    condition     = length(distinct([for secret in module.secret : secret.key_id])) == length(module.secret)
    error_message = "Two secrets share a key."
  }
}

output "secrets" {
  description = "The secrets and their versions."
  value       = { for service, secret in module.secret : service => "${secret.name}@${secret.version}" }
}

output "longest_password" {
  description = "How long the longest password is; that much may be known."
  value       = nonsensitive(max([for password in values(var.passwords) : length(password)]...))
}

output "values" {
  description = "What the services read."
  value       = { for service, secret in module.secret : service => secret.value }
  sensitive   = true
}
