# One key with a name in each of two clouds. With -sandbox no account is needed.

variable "deletion_window" {
  description = "Days between the deletion of a key and its end."
  type        = number
  default     = 7

  validation {
    condition     = var.deletion_window >= 7 && var.deletion_window <= 30
    error_message = "Both clouds take 7 to 30 days."
  }
}

locals {
  tags = { team = "security" }
}

# ---- AWS -----------------------------------------------------------------------------------------

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Administration"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_kms_key" "app" {
  description             = "Data at rest"
  deletion_window_in_days = var.deletion_window
  enable_key_rotation     = true
  policy                  = data.aws_iam_policy_document.key.json
  tags                    = local.tags
}

resource "aws_kms_alias" "app" {
  name          = "alias/app"
  target_key_id = aws_kms_key.app.key_id
}

# ---- Alibaba Cloud -------------------------------------------------------------------------------

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "app" {
  description            = "Data at rest"
  pending_window_in_days = var.deletion_window
  automatic_rotation     = "Enabled"
  rotation_interval      = "365d"
  tags                   = local.tags
}

resource "alicloud_kms_alias" "app" {
  alias_name = "alias/app"
  key_id     = alicloud_kms_key.app.id
}

# ---- Results -------------------------------------------------------------------------------------

output "aws_key" {
  description = "The key's ARN."
  value       = aws_kms_key.app.arn
}

output "alicloud_key" {
  description = "The key's ARN."
  value       = alicloud_kms_key.app.arn
}
