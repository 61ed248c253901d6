# A key with its policy, names and grants.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

data "aws_caller_identity" "current" {
  count = var.create ? 1 : 0
}

data "aws_partition" "current" {
  count = var.create ? 1 : 0
}

locals {
  account_id = try(data.aws_caller_identity.current[0].account_id, "")
  partition  = try(data.aws_partition.current[0].partition, "")

  # A list tells which names are given; a map allows for names that are not known yet.
  aliases = merge(
    { for name in toset(var.aliases) : name => { name = name } },
    var.computed_aliases,
  )
}

data "aws_iam_policy_document" "this" {
  count = var.create ? 1 : 0

  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }

  dynamic "statement" {
    for_each = length(var.administrators) > 0 ? [1] : []

    content {
      sid       = "Administrators"
      actions   = ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:ScheduleKeyDeletion"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = var.administrators
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.users) > 0 ? [1] : []

    content {
      sid       = "Users"
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = var.users
      }
    }
  }

  dynamic "statement" {
    for_each = var.statements

    content {
      sid       = coalesce(statement.value.sid, title(statement.key))
      effect    = statement.value.effect
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "principals" {
        for_each = statement.value.principals

        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }

      dynamic "condition" {
        for_each = { for one in statement.value.conditions : "${one.test}/${one.variable}" => one }
        iterator = rule

        content {
          test     = rule.value.test
          variable = rule.value.variable
          values   = rule.value.values
        }
      }
    }
  }
}

resource "aws_kms_key" "this" {
  count = var.create ? 1 : 0

  description             = var.description
  deletion_window_in_days = var.deletion_window_in_days
  enable_key_rotation     = var.key_rotation.enabled
  rotation_period_in_days = var.key_rotation.enabled ? var.key_rotation.days : null
  policy                  = data.aws_iam_policy_document.this[0].json
  tags                    = var.tags
}

resource "aws_kms_alias" "this" {
  for_each = { for key, alias in local.aliases : key => alias if var.create }

  name          = "alias/${each.value.name}"
  target_key_id = aws_kms_key.this[0].key_id
}

resource "aws_kms_grant" "this" {
  for_each = { for name, grant in var.grants : name => grant if var.create }

  name              = each.key
  key_id            = aws_kms_key.this[0].key_id
  grantee_principal = each.value.grantee
  operations        = each.value.operations

  dynamic "constraints" {
    for_each = each.value.context[*]

    content {
      encryption_context_equals = constraints.value
    }
  }
}
