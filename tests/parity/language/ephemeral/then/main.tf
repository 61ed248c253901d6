variable "token" {
  type      = string
  ephemeral = true
  default   = "abc"
}

module "m" {
  source = "./m"
  token  = var.token
}

resource "terraform_data" "a" {
  input = "a"

  lifecycle {
    precondition {
      condition     = module.m.header == "Bearer abc"
      error_message = "Wrong token."
    }

    postcondition {
      condition     = self.input == "a" && var.token != ""
      error_message = "No token."
    }
  }
}

output "is_null" {
  value = module.m.is_null
}

check "plain_message" {
  assert {
    condition     = module.m.header == "Bearer z"
    error_message = "The header is another one."
  }
}

check "message_that_cannot_be_told" {
  assert {
    condition     = module.m.header == "Bearer z"
    error_message = "The header is ${module.m.header}."
  }
}

check "applying" {
  assert {
    condition     = terraform.applying
    error_message = "It is only a plan."
  }
}
