provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { stage = "test" }
  }
}

data "aws_default_tags" "these" {}

resource "aws_kms_key" "k" {
  tags = { team = "b" }
}

output "tags" {
  value = data.aws_default_tags.these.tags
}
