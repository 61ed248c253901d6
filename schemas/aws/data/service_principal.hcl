# The name by which policies know a service. Nothing is called.

data "aws_service_principal" {
  about = "The service principal of an AWS service in a region."

  include "data_region" {}

  argument "service_name" {
    about    = "The service: s3, logs."
    type     = string
    required = true
    pattern  = "^[a-z0-9.-]+$"
  }

  # In the partitions outside aws a few services end as all of their hosts do.
  include "service_principal" {
    suffix = contains(lookup({
      "aws-cn"    = ["codedeploy", "elasticmapreduce", "logs", "ec2", "s3"]
      "aws-iso"   = ["cloudhsm", "config", "logs", "workspaces"]
      "aws-iso-b" = ["dms", "logs"]
    }, native::aws_region(or(self.region, provider.region)).partition, []), self.service_name) ? native::aws_region(or(self.region, provider.region)).dns_suffix : "amazonaws.com"
  }
}
