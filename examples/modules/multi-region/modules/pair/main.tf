# A key in each of two regions, which the caller chooses.

terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 5.0"
      configuration_aliases = [aws.left, aws.right]
    }
  }
}

variable "name" {
  description = "The name of both keys, without alias/."
  type        = string
}

module "left" {
  source = "../key"

  name = var.name

  providers = {
    aws = aws.left
  }
}

module "right" {
  source = "../key"

  name            = var.name
  deletion_window = null

  providers = {
    aws = aws.right
  }

  depends_on = [module.left]
}

data "aws_region" "right" {
  provider = aws.right
}

output "keys" {
  description = "The keys."
  value = {
    left  = module.left.key
    right = module.right.key
  }

  precondition {
    condition     = module.right.key.region == data.aws_region.right.name
    error_message = "The right key is not in the right region."
  }
}
