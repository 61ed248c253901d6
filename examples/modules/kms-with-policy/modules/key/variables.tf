variable "create" {
  description = "Whether there is a key at all."
  type        = bool
  default     = true
}

variable "description" {
  description = "What the key is for."
  type        = string
  default     = null
}

variable "deletion_window_in_days" {
  description = "Days between the deletion of the key and its end."
  type        = number
  default     = 7
}

variable "key_rotation" {
  description = "Whether and how often the key gets new material."
  type = object({
    enabled = optional(bool, true)
    days    = optional(number)
  })
  default = {}
}

variable "aliases" {
  description = "Names of the key, without alias/."
  type        = list(string)
  default     = []
}

variable "computed_aliases" {
  description = "Names that are known only while applying, under keys that are known before."
  type        = map(object({ name = string }))
  default     = {}
}

variable "administrators" {
  description = "Who may manage the key."
  type        = list(string)
  default     = []
}

variable "users" {
  description = "Who may encrypt and decrypt."
  type        = list(string)
  default     = []
}

variable "statements" {
  description = "Further statements of the policy, by their names."
  type = map(object({
    sid       = optional(string)
    effect    = optional(string, "Allow")
    actions   = optional(list(string), ["kms:*"])
    resources = optional(list(string), ["*"])
    principals = optional(list(object({
      type        = optional(string, "AWS")
      identifiers = list(string)
    })), [])
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for statement in var.statements : contains(["Allow", "Deny"], statement.effect)])
    error_message = "A statement either allows or denies."
  }
}

variable "grants" {
  description = "Grants of the key, by their names."
  type = map(object({
    grantee    = string
    operations = optional(set(string), ["Encrypt", "Decrypt"])
    context    = optional(map(string))
  }))
  default = {}
}

variable "tags" {
  description = "Tags of the key."
  type        = map(string)
  default     = {}
}
