# The partition of the provider's region.

data "aws_partition" {
  about = "The partition that the provider's region belongs to."

  attribute "partition" {
    about = "Its name: aws, aws-cn, aws-us-gov."
    type  = string
    read  = native::aws_region(provider.region).partition
  }

  attribute "dns_suffix" {
    about = "What its host names end in."
    type  = string
    read  = native::aws_region(provider.region).dns_suffix
  }

  attribute "reverse_dns_prefix" {
    about = "The same, backwards."
    type  = string
    read  = native::aws_region(provider.region).reverse_dns_prefix
  }

  read {
    id = native::aws_region(provider.region).partition
  }
}
