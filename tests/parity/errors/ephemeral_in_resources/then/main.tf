variable "token" {
  type      = string
  ephemeral = true
  default   = "a"
}

resource "terraform_data" "plain" {
  input = var.token
}

resource "terraform_data" "nested" {
  input            = "a"
  triggers_replace = { a = [var.token] }
}

resource "terraform_data" "applying" {
  input = terraform.applying
}

data "terraform_remote_state" "r" {
  backend = "local"
  config = {
    path = var.token
  }
}

resource "terraform_data" "count" {
  count = var.token == "a" ? 1 : 0
}

resource "terraform_data" "each" {
  for_each = toset([var.token])
}

output "plain" {
  value = var.token
}

output "applying" {
  value = terraform.applying
}
