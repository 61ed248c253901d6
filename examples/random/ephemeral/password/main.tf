# A password that is handed to a command and recorded nowhere.

ephemeral "random_password" "token" {
  length  = 40
  special = false
}

resource "terraform_data" "registration" {
  input = "orders"

  provisioner "local-exec" {
    command = "test $${#TOKEN} -eq 40"

    environment = {
      TOKEN = ephemeral.random_password.token.result
    }
  }
}
