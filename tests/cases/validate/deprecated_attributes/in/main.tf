data "aws_region" "one" {}

data "aws_region" "some" {
  count = 2
}

locals {
  plain    = data.aws_region.one.name
  instance = data.aws_region.some[0].name
  of_old   = "${data.aws_region.some.1.name}"

  # Nobody can tell that these are the attribute.
  splat = data.aws_region.some[*].name
  by    = data.aws_region.one["name"]
  also  = { for name in ["name"] : name => name }
  not   = data.aws_region.one.region
}
