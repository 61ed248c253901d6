resource "terraform_data" "replaced" {
  triggers_replace = 1

  provisioner "local-exec" {
    when    = destroy
    command = "echo bye"
  }
}
