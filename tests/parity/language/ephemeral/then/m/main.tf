variable "token" {
  type      = string
  ephemeral = true
}

locals {
  header = "Bearer ${var.token}"
}

output "header" {
  value     = local.header
  ephemeral = true
}

output "is_null" {
  value = ephemeralasnull(local.header) == null
}
