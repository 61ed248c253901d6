variable "secret" {
  default   = "hidden"
  sensitive = true
}

resource "terraform_data" "a" {
  input = "x"

  provisioner "local-exec" {
    command     = "echo hello $WHOM; echo complaint >&2; printf 'no newline'"
    working_dir = "/"
    environment = {
      WHOM = self.input
    }
  }

  provisioner "local-exec" {
    interpreter = ["/bin/sh", "-e", "-c"]
    command     = "echo quiet"
    quiet       = true
  }

  provisioner "local-exec" {
    command = "echo ${var.secret}"
  }

  provisioner "local-exec" {
    command    = "exit 3"
    on_failure = continue
  }

  provisioner "local-exec" {
    when    = destroy
    command = "echo bye ${self.output}"
  }
}

resource "terraform_data" "each" {
  for_each = toset(["k"])

  provisioner "local-exec" {
    when    = destroy
    command = "echo bye ${each.key}"
  }

  depends_on = [terraform_data.a]
}
