locals {
  minor = 2
}

module "fits" {
  source  = "x/y/z"
  version = ">= 1.0.0-beta1, ~> 1.${local.minor}, != 1.2.1"
}

module "old" {
  source  = "x/y/z"
  version = ">= 1.3"
}

module "early" {
  source  = "x/y/z"
  version = "~> 1.0, < 1.${local.minor}"
}

module "none" {
  source  = "x/y/z"
  version = "1.2.0"
}

module "pre" {
  source  = "x/y/z"
  version = ">= 1.2.0"
}

module "local" {
  source  = "./m"
  version = "1.0.0"
}

module "git" {
  source  = "git::https://example.invalid/m.git"
  version = "1.0.0"
}

module "syntax" {
  source  = "x/y/z"
  version = "about 1"
}
