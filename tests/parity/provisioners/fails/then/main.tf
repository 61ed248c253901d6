resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo one; exit 4"
  }
}

resource "terraform_data" "user" {
  input = terraform_data.a.id
}
