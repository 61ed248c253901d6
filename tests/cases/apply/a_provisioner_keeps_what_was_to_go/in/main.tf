resource "terraform_data" "a" {
  provisioner "local-exec" {
    when    = destroy
    command = "echo not yet; exit 7"
  }
}
