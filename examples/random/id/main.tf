# Random bytes for a name.

resource "random_id" "key" {
  byte_length = 4
}

output "names" {
  value = ["key-${random_id.key.hex}", random_id.key.b64_url]
}
