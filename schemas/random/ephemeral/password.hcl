# ephemeral random_password: a random text that is recorded nowhere.

ephemeral "random_password" {
  about = "A random text that is a secret, another one in each run. It is not recorded."

  include "characters" {
    length = null
  }

  attribute "result" {
    about     = "The text."
    type      = string
    sensitive = true
    read      = text
  }

  attribute "bcrypt_hash" {
    about     = "A bcrypt hash of the text; of its first 72 bytes, where it is longer."
    type      = string
    sensitive = true
    read      = native::bcrypt(text)
  }

  read {
    once = { text = native::random_text(self) }
  }
}
