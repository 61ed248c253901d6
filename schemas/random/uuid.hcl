# random_uuid: a random UUID.

resource "random_uuid" {
  about = "A random UUID of version 4."

  include "keepers" {}

  attribute "result" {
    about = "The UUID."
    type  = string
    read  = id
  }

  create {
    once = { uuid = native::random_uuid() }
    id   = uuid
  }

  read {}

  import {
    match   = "^(?P<id>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"
    example = "aabbccdd-eeff-0011-2233-445566778899"
  }
}
