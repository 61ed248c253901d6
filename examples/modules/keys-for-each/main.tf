# Many keys from one description: teams have keys, keys have names in environments and readers.

terraform {
  required_version = ">= 1.9"
}

provider "aws" {
  region = "eu-west-1"
}

variable "environments" {
  description = "Where every key has a name."
  type        = set(string)
  default     = ["prod", "test"]
}

variable "teams" {
  description = "The teams and their keys."
  type = map(object({
    contact = optional(string)
    keys = optional(map(object({
      about   = optional(string)
      aliases = optional(list(string), [])
      rotation = optional(object({
        enabled = optional(bool, true)
        days    = optional(number, 365)
      }), {})
      readers = optional(map(object({
        operations = optional(list(string), ["Decrypt"])
        context    = optional(map(string), {})
      })), {})
    })), { default = {} })
  }))

  default = {
    shop = {
      contact = "shop@example.com"
      keys = {
        orders = {
          about   = "Orders and invoices"
          aliases = ["invoices"]
          readers = {
            reports = { context = { Department = "Finance" } }
            support = { operations = ["Decrypt", "DescribeKey"] }
          }
        }
        sessions = {
          rotation = { enabled = false }
        }
      }
    }
    forum = {
      keys = {
        posts = {
          rotation = { days = 90 }
          readers  = { reports = {} }
        }
      }
    }
    guests = {}
  }

  validation {
    condition = alltrue(flatten([
      for team in var.teams : [
        for key in team.keys : key.rotation.days >= 90 && key.rotation.days <= 2560
      ]
    ]))
    error_message = "A key rotates every 90 to 2560 days."
  }
}

locals {
  # One entry for each key; the path is its address for ever.
  keys = merge([
    for team, settings in var.teams : {
      for key, description in settings.keys : "${team}/${key}" => merge(description, {
        team    = team
        contact = coalesce(settings.contact, "nobody")
      })
    }
  ]...)

  # Every key has its names in every environment.
  names = flatten([
    for path, key in local.keys : [
      for pair in setproduct(var.environments, concat([basename(path)], key.aliases)) : {
        path = path
        name = join("/", [pair[0], key.team, pair[1]])
      }
    ]
  ])

  readers = flatten([
    for path, key in local.keys : [
      for reader, settings in key.readers : merge(settings, { path = path, reader = reader })
    ]
  ])

  # Grouping: what each reader may read.
  paths_by_reader = {
    for entry in local.readers : entry.reader => entry.path...
  }
}

data "aws_caller_identity" "current" {}

module "key" {
  source   = "./modules/key"
  for_each = local.keys

  description = coalesce(each.value.about, "The key ${each.key}")
  rotation    = each.value.rotation
  tags = {
    team    = each.value.team
    contact = each.value.contact
  }
}

resource "aws_kms_alias" "name" {
  for_each = { for entry in local.names : entry.name => entry.path }

  name          = "alias/${each.key}"
  target_key_id = module.key[each.value].key_id
}

resource "aws_kms_grant" "reader" {
  for_each = { for entry in local.readers : "${entry.path}:${entry.reader}" => entry }

  name              = each.value.reader
  key_id            = module.key[each.value.path].key_id
  grantee_principal = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/${each.value.reader}"
  operations        = each.value.operations

  dynamic "constraints" {
    for_each = length(each.value.context) > 0 ? { only = each.value.context } : {}

    content {
      encryption_context_subset = constraints.value
    }
  }
}

# Earlier there was one module for the orders, and names were counted.
moved {
  from = module.orders
  to   = module.key["shop/orders"]
}

moved {
  from = aws_kms_alias.name[0]
  to   = aws_kms_alias.name["prod/shop/orders"]
}

moved {
  from = aws_kms_grant.support
  to   = aws_kms_grant.reader["shop/orders:support"]
}

output "names" {
  description = "The names of each key."
  value = {
    for path in keys(local.keys) : path => sort([for entry in local.names : entry.name if entry.path == path])
  }
}

output "readers" {
  description = "What each reader may read."
  value       = { for reader, paths in local.paths_by_reader : reader => sort(paths) }
}

output "rotation" {
  description = "Days between two rotations of a key; those that do not rotate are left out."
  value       = { for path, key in module.key : path => key.rotation_days if key.rotation_days != null }
}
