# What an ephemeral resource is worth goes nowhere where it would be recorded.
ephemeral "random_password" "p" {
  length = 12
}

ephemeral "random_passwort" "q" {
}

ephemeral "random_password" "r" {
  lenght = 5

  lifecycle {
    postcondition {
      condition     = length(self.result) > 4
      error_message = "Short."
    }
  }
}

resource "terraform_data" "d" {
  count = length(ephemeral.random_password.p.result)
  input = ephemeral.random_password.p.result
}

locals {
  fine = "a${ephemeral.random_password.p.result}"
}

output "secret" {
  value = local.fine
}
