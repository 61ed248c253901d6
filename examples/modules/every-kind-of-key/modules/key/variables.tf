variable "create" {
  description = "Whether there is anything at all."
  type        = bool
  default     = true
}

variable "kind" {
  description = "standard, external, replica or replica_external."
  type        = string
  default     = "standard"
}

variable "tags" {
  description = "Tags of the key."
  type        = map(string)
  default     = {}
}

variable "bypass_policy_lockout_safety_check" {
  description = "Accept a policy that locks its writer out."
  type        = bool
  default     = null
}

variable "key_spec" {
  description = "The kind of material."
  type        = string
  default     = null
}

variable "key_usage" {
  description = "What the key may be used for."
  type        = string
  default     = null
}

variable "custom_key_store_id" {
  description = "Where the material is kept."
  type        = string
  default     = null
}

variable "xks_key_id" {
  description = "The external key that the key stands for."
  type        = string
  default     = null
}

variable "deletion_window_in_days" {
  description = "Days between the deletion of the key and its end."
  type        = number
  default     = null
}

variable "description" {
  description = "What the key is for."
  type        = string
  default     = null
}

variable "enable_key_rotation" {
  description = "Whether the material changes by itself."
  type        = bool
  default     = null
}

variable "rotation_period_in_days" {
  description = "Days between two rotations."
  type        = number
  default     = null
}

variable "is_enabled" {
  description = "Whether the key may be used."
  type        = bool
  default     = null
}

variable "multi_region" {
  description = "Whether the key can have replicas."
  type        = bool
  default     = false
}

variable "policy" {
  description = "A policy instead of the one made here."
  type        = string
  default     = null
}

variable "key_material_base64" {
  description = "The material of an external key."
  type        = string
  default     = null
  sensitive   = true
}

variable "valid_to" {
  description = "When that material expires."
  type        = string
  default     = null
}

variable "primary_key_arn" {
  description = "The primary key of a replica."
  type        = string
  default     = null
}

variable "owners" {
  description = "Who may do everything."
  type        = list(string)
  default     = []
}

variable "statements" {
  description = "More statements of the policy."
  type        = any
  default     = {}
}

variable "source_policy_documents" {
  description = "Documents to start from."
  type        = list(string)
  default     = []
}

variable "override_policy_documents" {
  description = "Documents whose statements win."
  type        = list(string)
  default     = []
}

variable "aliases" {
  description = "Names, without alias/."
  type        = list(string)
  default     = []
}

variable "computed_aliases" {
  description = "Names that are not known yet, by keys that are."
  type        = any
  default     = {}
}

variable "aliases_use_name_prefix" {
  description = "Whether names get a random end."
  type        = bool
  default     = false
}

variable "grants" {
  description = "Grants by name."
  type        = any
  default     = {}
}
