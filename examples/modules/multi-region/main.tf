# The same key in several regions: every module is told which configuration of the provider it works with.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "regions" {
  description = "The regions by what happens in them."
  type = object({
    main   = optional(string, "eu-west-1")
    second = optional(string, "eu-central-1")
    far    = optional(string, "us-east-1")
  })
  default = {}

  validation {
    condition     = length(distinct(values(var.regions))) == 3
    error_message = "Each of the regions is another one."
  }
}

locals {
  tags = { team = "security" }
}

provider "aws" {
  region = var.regions.main

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "second"
  region = var.regions.second

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias  = "far"
  region = var.regions.far

  default_tags {
    tags = merge(local.tags, { purpose = "disaster recovery" })
  }
}

# Without providers, a module has the default configuration.
module "main" {
  source = "./modules/key"

  name = "shop"
}

module "far" {
  source = "./modules/key"

  name = "shop"

  providers = {
    aws = aws.far
  }
}

# A module that works in two regions at once names them by aliases of its own.
module "pair" {
  source = "./modules/pair"

  name = "orders"

  providers = {
    aws.left  = aws
    aws.right = aws.second
  }
}

# A resource chooses for itself.
resource "aws_kms_alias" "second" {
  provider = aws.second

  name          = "alias/orders-again"
  target_key_id = module.pair.keys.right.key_id
}

locals {
  keys = concat([module.main.key, module.far.key], values(module.pair.keys))

  arns_by_region = { for key in local.keys : key.region => key.arn... }
}

output "keys" {
  description = "How many keys there are in each region."
  value       = { for region, arns in local.arns_by_region : region => length(arns) }
}
