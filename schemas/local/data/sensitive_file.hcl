# local_sensitive_file: reads a file on this machine.

data "local_sensitive_file" {
  service = "machine"
  about   = "A file on this machine, read; its content is not shown."

  argument "filename" {
    about    = "Where the file is."
    type     = string
    required = true
  }

  attribute "content" {
    about     = "The content as text; null when it is none."
    type      = string
    sensitive = true
    read      = file.Content
  }

  attribute "content_base64" {
    about     = "The content in base64."
    type      = string
    sensitive = true
    read      = file.Base64
  }

  include "checksums" {}

  read {
    id = file.Sha1
  }
}
