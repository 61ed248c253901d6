# A key that rotates or does not.

variable "description" {
  description = "What the key is for."
  type        = string
}

variable "rotation" {
  description = "Whether and how often the key gets new material."
  type = object({
    enabled = bool
    days    = number
  })
}

variable "tags" {
  description = "Tags of the key."
  type        = map(string)
  default     = {}
}

resource "aws_kms_key" "this" {
  description             = var.description
  deletion_window_in_days = 7
  enable_key_rotation     = var.rotation.enabled
  rotation_period_in_days = var.rotation.enabled ? var.rotation.days : null
  tags                    = var.tags
}

# The key had another name in here once.
moved {
  from = aws_kms_key.main
  to   = aws_kms_key.this
}

output "key_id" {
  description = "The key's id."
  value       = aws_kms_key.this.key_id
}

output "rotation_days" {
  description = "Days between two rotations; null for a key that does not rotate."
  value       = var.rotation.enabled ? var.rotation.days : null
}
