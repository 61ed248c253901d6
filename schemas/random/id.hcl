# random_id: random bytes, written in several ways.

resource "random_id" {
  about = "Random bytes, as names that hardly ever meet."

  include "keepers" {}

  argument "byte_length" {
    about     = "How many bytes there are."
    type      = number
    required  = true
    force_new = true
    range     = [1, 1048576]
    read      = length(native::bytes_of(id).hex) / 2
  }

  argument "prefix" {
    about     = "What stands before each of the written forms, but not before the id."
    type      = string
    force_new = true
    read      = self.prefix
  }

  attribute "b64_std" {
    about = "The bytes in base64."
    type  = string
    read  = "${or(self.prefix, "")}${native::bytes_of(id).b64_std}"
  }

  attribute "b64_url" {
    about = "The bytes in base64 with the alphabet for URLs, not filled up."
    type  = string
    read  = "${or(self.prefix, "")}${native::bytes_of(id).b64_url}"
  }

  attribute "dec" {
    about = "The bytes as a decimal number."
    type  = string
    read  = "${or(self.prefix, "")}${native::bytes_of(id).dec}"
  }

  attribute "hex" {
    about = "The bytes as hexadecimal digits."
    type  = string
    read  = "${or(self.prefix, "")}${native::bytes_of(id).hex}"
  }

  create {
    once = { bytes = native::random_id(self.byte_length) }
    id   = bytes.b64_url
  }

  read {
    refuse {
      when    = native::bytes_of(id) == null
      message = "The id ${id} is no text in base64 with the alphabet for URLs, not filled up."
    }
  }

  import {
    match   = "^(?:(?P<prefix>.*),)?(?P<id>[0-9A-Za-z_-]+)$"
    example = "prefix-,p-9hUg"
  }
}
