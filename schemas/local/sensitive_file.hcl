# local_sensitive_file: a file on this machine that holds a secret.

resource "local_sensitive_file" {
  service = "machine"
  about   = "A file on this machine whose content is not shown."

  argument "content" {
    about       = "The content as text."
    type        = string
    sensitive   = true
    force_new   = true
    exactly_one = ["content", "content_base64", "source"]
  }

  argument "content_base64" {
    about     = "The content in base64."
    type      = string
    sensitive = true
    format    = "base64"
    force_new = true
  }

  argument "source" {
    about     = "A file whose content is copied."
    type      = string
    force_new = true
  }

  include "written" {
    permission = "0700"
    text       = or(self.content, "")
  }

  include "checksums" {}
}
