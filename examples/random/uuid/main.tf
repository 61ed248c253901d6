# A random UUID, which a grant can bear as its name.

resource "random_uuid" "grant" {
  keepers = {
    principal = "reporting"
  }
}

output "grant" {
  value = random_uuid.grant.result
}
