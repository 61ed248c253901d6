# A name and tags, made from parts. What is given here wins over the context, and the context over the defaults.

variable "context" {
  description = "The parts as another label has them."
  type        = any
  default = {
    enabled         = true
    namespace       = null
    environment     = null
    stage           = null
    name            = null
    attributes      = []
    delimiter       = null
    label_order     = []
    id_length_limit = null
    tags            = {}
  }
}

variable "enabled" {
  description = "Whether anything is to be made."
  type        = bool
  default     = null
}

variable "namespace" {
  description = "Usually the organisation."
  type        = string
  default     = null
}

variable "environment" {
  description = "Usually the region, in short."
  type        = string
  default     = null
}

variable "stage" {
  description = "Such as prod or test."
  type        = string
  default     = null
}

variable "name" {
  description = "The thing itself."
  type        = string
  default     = null
}

variable "attributes" {
  description = "What tells it from others of the same name; added to those of the context."
  type        = list(string)
  default     = []
}

variable "delimiter" {
  description = "Between the parts."
  type        = string
  default     = null
}

variable "label_order" {
  description = "The parts that make up the id, in order."
  type        = list(string)
  default     = null
}

variable "id_length_limit" {
  description = "The most characters of the id; 0 for any number."
  type        = number
  default     = null

  validation {
    condition     = var.id_length_limit == null ? true : var.id_length_limit >= 6 || var.id_length_limit == 0
    error_message = "The limit is 0, or at least 6."
  }
}

variable "tags" {
  description = "Further tags; those of the context stay."
  type        = map(string)
  default     = {}
}

locals {
  defaults = {
    label_order = ["namespace", "environment", "stage", "name", "attributes"]
    delimiter   = "-"
    unwanted    = "/[^a-zA-Z0-9-]/"
    hash_length = 5
  }

  input = {
    enabled         = try(coalesce(var.enabled, var.context.enabled), true)
    namespace       = try(coalesce(var.namespace, var.context.namespace), null)
    environment     = try(coalesce(var.environment, var.context.environment), null)
    stage           = try(coalesce(var.stage, var.context.stage), null)
    name            = try(coalesce(var.name, var.context.name), null)
    delimiter       = try(coalesce(var.delimiter, var.context.delimiter), local.defaults.delimiter)
    id_length_limit = try(coalesce(var.id_length_limit, var.context.id_length_limit), 0)
    label_order     = try(coalescelist(coalesce(var.label_order, []), var.context.label_order), local.defaults.label_order)
    attributes      = compact(distinct(concat(try(coalesce(var.context.attributes, []), []), var.attributes)))
    tags            = merge(try(coalesce(var.context.tags, {}), {}), var.tags)
  }

  enabled = coalesce(local.input.enabled, true)

  # Every part as it stands in the id: without what no cloud takes, and in small letters.
  parts = {
    for part in ["namespace", "environment", "stage", "name"] :
    part => local.input[part] == null ? "" : lower(replace(local.input[part], local.defaults.unwanted, ""))
  }
  attributes = join(local.input.delimiter, [for attribute in local.input.attributes : lower(attribute)])
  labels     = merge(local.parts, { attributes = local.attributes })

  id_full = join(local.input.delimiter, compact([for label in local.input.label_order : lookup(local.labels, label, "")]))

  # A name that is too long ends in a hash, so that two of them do not become one.
  id_limit  = local.input.id_length_limit
  id_hash   = substr(md5(local.id_full), 0, local.defaults.hash_length)
  id_prefix = trimsuffix(substr(local.id_full, 0, max(0, local.id_limit - local.defaults.hash_length - 1)), local.input.delimiter)
  id_short  = format("%s%s%s", local.id_prefix, local.input.delimiter, local.id_hash)
  id        = local.id_limit != 0 && length(local.id_full) > local.id_limit ? local.id_short : local.id_full

  generated_tags = {
    for label, text in merge(local.labels, { name = local.id }) : title(label) => text if length(text) > 0
  }
}

output "enabled" {
  description = "Whether anything is to be made."
  value       = local.enabled
}

output "id" {
  description = "The name; empty when nothing is to be made."
  value       = local.enabled ? local.id : ""
}

output "tags" {
  description = "The tags; none when nothing is to be made."
  value       = local.enabled ? merge(local.generated_tags, local.input.tags) : {}
}

output "context" {
  description = "All parts, for the labels of further modules."
  value       = local.input
}
