variable "secret" {
  default   = "hidden"
  sensitive = true
}

resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo one; exit 4"
  }

  provisioner "local-exec" {
    command = "echo two"
  }

  provisioner "local-exec" {
    when    = destroy
    command = "echo what was never finished is not undone"
  }
}

resource "terraform_data" "user" {
  input = terraform_data.a.id
}

resource "terraform_data" "hidden" {
  provisioner "local-exec" {
    command = "echo ${var.secret}; exit 5"
  }

  depends_on = [terraform_data.unknown_program]
}

resource "terraform_data" "unknown_program" {
  provisioner "local-exec" {
    command     = "x"
    interpreter = ["/no/such/program"]
    on_failure  = continue
  }
}
