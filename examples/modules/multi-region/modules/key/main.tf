# A key with a name, in the region of the provider that the module is given.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "name" {
  description = "The name of the key, without alias/."
  type        = string
}

variable "deletion_window" {
  description = "Days between the deletion of the key and its end."
  type        = number
  default     = 7
  nullable    = false
}

data "aws_region" "current" {}

resource "aws_kms_key" "this" {
  description             = "Encrypts ${var.name} in ${data.aws_region.current.name}"
  deletion_window_in_days = var.deletion_window
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

output "key" {
  description = "The key and where it is."
  value = {
    arn    = aws_kms_key.this.arn
    key_id = aws_kms_key.this.key_id
    region = split(":", aws_kms_key.this.arn)[3]
  }

  precondition {
    condition     = startswith(aws_kms_alias.this.arn, "arn:aws:kms:${data.aws_region.current.name}:")
    error_message = "The name is in another region than the provider."
  }
}
