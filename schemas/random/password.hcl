# random_password: a random text that is a secret.

resource "random_password" {
  about   = "A random text that is a secret: it is not shown."
  version = 3

  include "keepers" {}

  include "characters" {
    length = null
  }

  include "number" {}

  attribute "result" {
    about     = "The text."
    type      = string
    sensitive = true
  }

  attribute "bcrypt_hash" {
    about     = "A bcrypt hash of the text; of its first 72 bytes, where it is longer."
    type      = string
    sensitive = true
  }

  create {
    once = { text = native::random_text(self) }
    id   = "none"

    keeps = {
      result      = text
      bcrypt_hash = native::bcrypt(text)
    }
  }

  upgrade "1" {
    numeric = prior.number
  }
}
