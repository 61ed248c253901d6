resource "terraform_data" "a" {
  connection {
    host = "example.com"
  }

  provisioner "remote-exec" {
    inline = ["true"]
  }

  provisioner "file" {
    source      = "a"
    destination = "b"
  }

  provisioner "chef" {}

  provisioner "local-exec" {
    when       = never
    on_failure = "stop"
    command    = "x"

    connection {
      host = "example.com"
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "echo ${terraform_data.b.id} ${self.id}"
  }
}

resource "terraform_data" "b" {}

data "terraform_remote_state" "c" {
  backend = "local"

  provisioner "local-exec" {
    command = "x"
  }
}
