variable "token" {
  type      = string
  ephemeral = true
}

variable "other" {
  type      = string
  ephemeral = true
  default   = "b"
}

variable "name" {
  type    = string
  default = "a"
}

resource "terraform_data" "a" {
  input = var.name

  lifecycle {
    precondition {
      condition     = length(var.token) == 3
      error_message = "A token has three letters."
    }
  }
}
