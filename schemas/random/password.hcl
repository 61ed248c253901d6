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

  import {
    match   = "^(?P<id>(?s:.+))$"
    example = "a-password-that-is-known"

    gives = {
      id          = "none"
      length      = length(id)
      result      = id
      bcrypt_hash = native::bcrypt(id)
    }
  }

  upgrade "1" {
    numeric = prior.number
  }

  # What older providers have imported lacks its defaults. The text must not become another one for it.
  upgrade "2" {
    length      = or(prior.length, length(prior.result))
    lower       = or(prior.lower, true)
    upper       = or(prior.upper, true)
    numeric     = or(prior.numeric, true)
    special     = or(prior.special, true)
    min_lower   = or(prior.min_lower, 0)
    min_upper   = or(prior.min_upper, 0)
    min_numeric = or(prior.min_numeric, 0)
    min_special = or(prior.min_special, 0)
  }
}
