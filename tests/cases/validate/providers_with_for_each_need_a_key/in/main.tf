provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias    = "each"
  for_each = toset(["eu-west-1"])
  region   = each.value
}

provider "aws" {
  alias  = "one"
  region = each.value
}

resource "aws_kms_key" "no_key" {
  provider = aws.each
}

resource "aws_kms_key" "a_key" {
  provider = aws.one["eu-west-1"]
}

resource "aws_kms_key" "not_here" {
  provider = aws.each[each.key]
}

resource "aws_kms_key" "undeclared" {
  provider = aws.each[local.nothing]
}

module "no_key" {
  source    = "./m"
  providers = { aws = aws.each }
}
