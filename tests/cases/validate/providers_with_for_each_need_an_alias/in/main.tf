provider "aws" {
  for_each = toset(["a"])
  region   = each.value
}

module "too_much" {
  source    = "./m"
  providers = { aws = aws.each["a"]["b"] }
}
