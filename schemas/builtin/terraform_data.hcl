# terraform_data: keeps a value in state, and is replaced when another one changes.

resource "terraform_data" {
  about  = "Keeps a value in state. Its replacement can be tied to other values."
  native = true

  argument "input" {
    about = "The value to keep; output shows it after apply."
    type  = any
  }

  argument "triggers_replace" {
    about     = "A value whose change replaces the instance."
    type      = any
    force_new = true
  }

  attribute "output" {
    about = "The value of input."
    type  = any
  }
}
