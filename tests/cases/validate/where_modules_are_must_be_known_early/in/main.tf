variable "required" {}

variable "secret" {
  default   = "./m"
  sensitive = true
}

variable "passing" {
  default   = "./m"
  ephemeral = true
}

variable "path" {
  default = 3
  type    = list(string)
}

locals {
  ring  = local.other
  other = local.ring
  id    = terraform_data.a.id
  now   = timestamp()
  fine  = try(local.id, "./m")
}

resource "terraform_data" "a" {}

module "resource" {
  source = "./${terraform_data.a.id}"
}

module "through" {
  source = local.id
}

module "ring" {
  source = local.ring
}

module "required" {
  source = var.required
}

module "secret" {
  source = var.secret
}

module "passing" {
  source = var.passing
}

module "type" {
  source = var.path[0]
}

module "unknown" {
  source = "./${local.now}"
}

module "undeclared" {
  source = var.nothing
}

module "each" {
  source   = each.key
  for_each = toset(["./m"])
}

module "number" {
  source = 3
}

module "null" {
  source = null
}

module "version" {
  source  = "a/b/c"
  version = "~> ${var.path}"
}

module "fine" {
  source = local.fine
}
