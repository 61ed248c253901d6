resource "terraform_data" "gone" {
  count = 2

  provisioner "local-exec" {
    when    = destroy
    command = "echo bye ${count.index}"
  }
}
