resource "terraform_data" "a" {
  provisioner "local-exec" {
    comand = "echo ${self.idd}"
  }

  provisioner "local-exec" {
    command     = "echo ${self.id}"
    environment = ["a"]
  }
}
