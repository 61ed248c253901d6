# local_file: a file on this machine.

resource "local_file" {
  service = "machine"
  about   = "A file on this machine."

  argument "content" {
    about       = "The content as text."
    type        = string
    force_new   = true
    exactly_one = ["content", "content_base64", "source", "sensitive_content"]
  }

  argument "content_base64" {
    about     = "The content in base64."
    type      = string
    format    = "base64"
    force_new = true
  }

  argument "sensitive_content" {
    about      = "The content as text, which is not shown."
    type       = string
    sensitive  = true
    deprecated = "Use local_sensitive_file instead."
    force_new  = true
  }

  argument "source" {
    about     = "A file whose content is copied."
    type      = string
    force_new = true
  }

  include "written" {
    permission = "0777"
    text       = or(self.content, or(self.sensitive_content, ""))
  }

  include "checksums" {}
}
