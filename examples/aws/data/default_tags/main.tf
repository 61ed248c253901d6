# The tags that the provider gives, for what has tags in another form.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { team = "security" }
  }
}

data "aws_default_tags" "current" {}

output "tags" {
  value = data.aws_default_tags.current.tags
}
