resource "random_id" "key" {
  byte_length = 4
  prefix      = "key-"
}

output "names" {
  value = [random_id.key.hex, random_id.key.dec]
}

#### another prefix: replace kept
prefix = "alias-"

#### more bytes: replace kept
byte_length = 12
