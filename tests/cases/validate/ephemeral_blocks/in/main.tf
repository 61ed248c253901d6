# What is never destroyed is not protected, and runs no commands of its own.
ephemeral "random_password" "r" {
  length = 5

  provisioner "local-exec" {
    command = "true"
  }

  lifecycle {
    prevent_destroy = true
  }
}
