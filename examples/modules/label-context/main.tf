# Names and tags that a whole organisation agrees on: one context is handed down from module to module, and each adds
# what it knows.

provider "aws" {
  region = "eu-west-1"
}

module "base" {
  source = "./modules/label"

  namespace   = "acme"
  environment = "euw1"
  stage       = "Prod"
  tags        = { Owner = "security@acme.example", CostCenter = "4711" }
}

module "shop" {
  source = "./modules/service"

  name        = "shop"
  data        = ["orders", "invoices"]
  context     = module.base.context
  key_context = { attributes = ["pci"] }
}

module "forum" {
  source = "./modules/service"

  name    = "forum"
  stage   = "test"
  data    = ["posts"]
  tags    = { Owner = "forum@acme.example" }
  context = module.base.context
}

module "disabled" {
  source = "./modules/service"

  name    = "tomorrow"
  data    = ["ideas"]
  context = merge(module.base.context, { enabled = false })
}

output "aliases" {
  description = "The names of all keys."
  value       = merge(module.shop.aliases, module.forum.aliases, module.disabled.aliases)
}

output "tags" {
  description = "What the keys of two services are tagged with."
  value = {
    for service in [module.shop, module.forum] : service.id => service.tags
  }
}

output "short" {
  description = "A name that fits into twelve characters."
  value       = module.shop.short
}
