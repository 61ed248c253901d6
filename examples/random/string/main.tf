# A short random text that makes the name of an alias its own.

resource "random_string" "suffix" {
  length    = 6
  special   = false
  upper     = false
  min_lower = 2

  keepers = {
    release = "2026-11"
  }
}

output "alias" {
  value = "alias/orders-${random_string.suffix.result}"
}
