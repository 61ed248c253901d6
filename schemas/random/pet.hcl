# random_pet: a random name that people can remember.

resource "random_pet" {
  about = "A random name that people can remember."

  include "keepers" {}

  argument "length" {
    about     = "How many words the name has."
    type      = number
    default   = 2
    force_new = true
    range     = [1, 1000]
  }

  argument "prefix" {
    about     = "What stands before the name, and before a separator."
    type      = string
    force_new = true
  }

  argument "separator" {
    about     = "What stands between the words."
    type      = string
    default   = "-"
    force_new = true
  }

  create {
    once = { name = native::random_pet(self.length, self.separator) }
    id   = self.prefix == null ? name : "${self.prefix}${self.separator}${name}"
  }
}
