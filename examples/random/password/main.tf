# A random password with signs that a shell leaves alone.

resource "random_password" "database" {
  length           = 32
  min_numeric      = 2
  min_special      = 2
  override_special = "-_.:"
}

output "hash" {
  value     = random_password.database.bcrypt_hash
  sensitive = true
}
