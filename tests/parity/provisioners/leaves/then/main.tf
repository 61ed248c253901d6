resource "terraform_data" "replaced" {
  triggers_replace = 2

  provisioner "local-exec" {
    when    = destroy
    command = "echo bye"
  }
}
