# The tags that the provider gives. Nothing is called.

data "aws_default_tags" {
  about = "The default tags of the provider."

  attribute "tags" {
    about = "The tags."
    type  = map(string)
    read  = { for k, v in or(provider.default_tags.tags, {}) : k => v if v != null }
  }

  read {
    id = native::aws_region(provider.region).partition
  }
}
