# random_string: a random text that may be shown.

resource "random_string" {
  about   = "A random text. It is no secret: it is shown in plans."
  version = 2

  include "keepers" {}

  include "characters" {
    length = length(id)
  }

  include "number" {}

  attribute "result" {
    about = "The text."
    type  = string
    read  = id
  }

  create {
    once = { text = native::random_text(self) }
    id   = text
  }

  read {}

  upgrade "1" {
    numeric = prior.number
  }
}
