# A secret, the key that encrypts it, and a name for the key.

terraform {
  required_providers {
    alicloud = {
      source = "aliyun/alicloud"
    }
  }
}

variable "name" {
  description = "The name of the secret and of its key."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9/-]{2,62}[a-z0-9]$", var.name))
    error_message = "The name ${var.name} has other characters than small letters, digits, / and -."
  }
}

variable "value" {
  description = "What is kept secret."
  type        = map(string)
  sensitive   = true

  validation {
    condition     = alltrue([for text in values(var.value) : length(text) > 0])
    error_message = "An empty text is no secret."
  }
}

variable "serial" {
  description = "The number of the value; another value needs another one."
  type        = number
  default     = 1
  nullable    = false
}

variable "recovery_window" {
  description = "Days in which the secret can be called back; null deletes at once."
  type        = number
  default     = null
}

variable "protected" {
  description = "Whether the secret is one that must not be lost."
  type        = bool
  default     = false
  nullable    = false
}

locals {
  document = jsonencode(var.value)
}

resource "alicloud_kms_key" "this" {
  description            = "Encrypts the secret ${var.name}"
  pending_window_in_days = 7
  automatic_rotation     = "Enabled"
  rotation_interval      = "365d"

  lifecycle {
    postcondition {
      condition     = self.status == "Enabled"
      error_message = "The key ${self.id} is ${self.status} and cannot encrypt."
    }
  }
}

resource "alicloud_kms_alias" "this" {
  alias_name = "alias/${var.name}"
  key_id     = alicloud_kms_key.this.id
}

resource "alicloud_kms_secret" "this" {
  secret_name                   = var.name
  description                   = "Read by ${basename(var.name)}"
  encryption_key_id             = alicloud_kms_key.this.id
  version_id                    = format("v%03d", var.serial)
  secret_data_type              = "text"
  secret_data                   = local.document
  recovery_window_in_days       = coalesce(var.recovery_window, 7)
  force_delete_without_recovery = var.recovery_window == null

  lifecycle {
    precondition {
      condition     = length(local.document) <= 30720
      error_message = "A secret has room for 30720 characters."
    }

    precondition {
      condition     = !var.protected || var.recovery_window != null
      error_message = "The secret ${var.name} must not be lost: give it a recovery_window."
    }
  }
}

output "name" {
  description = "The name of the secret."
  value       = alicloud_kms_secret.this.secret_name

  precondition {
    condition     = alicloud_kms_secret.this.encryption_key_id == alicloud_kms_key.this.id
    error_message = "The secret is encrypted under another key."
  }
}

output "version" {
  description = "The version of the secret."
  value       = alicloud_kms_secret.this.version_id
}

output "key_id" {
  description = "The key that encrypts the secret."
  value       = alicloud_kms_key.this.id
}

output "value" {
  description = "What is kept secret."
  value       = jsondecode(alicloud_kms_secret.this.secret_data)
  sensitive   = true
}
