# A service with a key for each kind of its data.

variable "context" {
  description = "The parts of the label."
  type        = any
}

variable "name" {
  description = "The name of the service."
  type        = string
}

variable "stage" {
  description = "The stage, when it is not that of the context."
  type        = string
  default     = null
}

variable "data" {
  description = "The kinds of data."
  type        = set(string)
}

variable "tags" {
  description = "Further tags."
  type        = map(string)
  default     = {}
}

variable "key_context" {
  description = "Parts of the labels of the keys that differ from the service's."
  type = object({
    attributes = optional(list(string), [])
    delimiter  = optional(string)
  })
  default = {}
}

module "label" {
  source = "../label"

  name    = var.name
  stage   = var.stage
  tags    = var.tags
  context = var.context
}

module "short" {
  source = "../label"

  id_length_limit = 12
  context         = module.label.context
}

module "key_label" {
  source = "../label"

  attributes = var.key_context.attributes
  delimiter  = var.key_context.delimiter
  context    = module.label.context
}

module "key" {
  source   = "../key"
  for_each = module.label.enabled ? var.data : []

  data    = each.value
  context = module.key_label.context
}

output "id" {
  description = "The name of the service."
  value       = module.label.id
}

output "short" {
  description = "The name in few characters."
  value       = module.short.id
}

output "tags" {
  description = "The tags of the service."
  value       = module.label.tags
}

output "aliases" {
  description = "The ARNs of the keys, by their names."
  value       = { for key in module.key : key.alias => key.arn }
}
