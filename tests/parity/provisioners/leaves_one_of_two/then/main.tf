resource "terraform_data" "gone" {
  count = 1

  provisioner "local-exec" {
    when    = destroy
    command = "echo bye ${count.index}"
  }
}
