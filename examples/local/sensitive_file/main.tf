# A password, in a file that only its owner reads.

resource "random_password" "database" {
  length = 20
}

resource "local_sensitive_file" "password" {
  filename        = "${path.module}/password"
  content         = random_password.database.result
  file_permission = "0600"
}
