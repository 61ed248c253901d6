# A key whose alias and tags are those of its label.

variable "context" {
  description = "The parts of the label."
  type        = any
}

variable "data" {
  description = "What the key encrypts."
  type        = string
}

module "label" {
  source = "../label"

  attributes = [var.data]
  context    = var.context
}

resource "aws_kms_key" "this" {
  count = module.label.enabled ? 1 : 0

  description             = format("Encrypts the %s of %s", var.data, coalesce(var.context.name, "somebody"))
  deletion_window_in_days = 7
  enable_key_rotation     = true
  tags                    = module.label.tags
}

resource "aws_kms_alias" "this" {
  count = module.label.enabled ? 1 : 0

  name          = format("alias/%v", module.label.id)
  target_key_id = join("", aws_kms_key.this[*].key_id)
}

output "alias" {
  description = "The name of the key; empty when there is none."
  value       = join("", aws_kms_alias.this[*].name)
}

output "arn" {
  description = "The ARN of the key; empty when there is none."
  value       = try(aws_kms_key.this[0].arn, "")
}

output "tags" {
  description = "The tags of the key."
  value       = module.label.tags
}
