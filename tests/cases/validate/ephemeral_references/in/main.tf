ephemeral "random_password" "p" {
  length = 12
}

locals {
  gone = ephemeral.random_password.x.result
  bad  = ephemeral.random_password
}
