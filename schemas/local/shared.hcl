# Pieces that several types include by name.

# The checksums of a file's content.
shared "checksums" {
  attribute "content_md5" {
    about = "The MD5 of the content."
    type  = string
    read  = file.Md5
  }

  attribute "content_sha1" {
    about = "The SHA-1 of the content."
    type  = string
    read  = file.Sha1
  }

  attribute "content_sha256" {
    about = "The SHA-256 of the content."
    type  = string
    read  = file.Sha256
  }

  attribute "content_sha512" {
    about = "The SHA-512 of the content."
    type  = string
    read  = file.Sha512
  }

  attribute "content_base64sha256" {
    about = "The SHA-256 of the content, in base64."
    type  = string
    read  = file.Base64Sha256
  }

  attribute "content_base64sha512" {
    about = "The SHA-512 of the content, in base64."
    type  = string
    read  = file.Base64Sha512
  }

  read {
    call "ReadFile" {
      as      = "file"
      params  = { Path = self.filename }
      expects = reply.Sha1
    }
  }
}

# A file that is written, as it was when it was written or not at all.
shared "written" {
  argument "filename" {
    about     = "Where the file is. Folders on the way are made."
    type      = string
    required  = true
    force_new = true
  }

  argument "file_permission" {
    about     = "Its permissions, as octal digits."
    type      = string
    default   = with.permission
    force_new = true
    pattern   = "^[0-7]{3,4}$"
  }

  argument "directory_permission" {
    about     = "The permissions of folders that are made on the way, as octal digits."
    type      = string
    default   = with.permission
    force_new = true
    pattern   = "^[0-7]{3,4}$"
  }

  create {
    repeatable = true

    call "ReadFile" {
      as     = "origin"
      when   = self.source != null
      params = { Path = self.source }
    }

    call "WriteFile" {
      as = "written"

      params = {
        Path       = self.filename
        Base64     = self.source != null ? origin.Base64 : (self.content_base64 != null ? self.content_base64 : base64encode(with.text))
        Mode       = self.file_permission
        FolderMode = self.directory_permission
      }
    }

    id = written.Sha1
  }

  read {
    # What somebody else wrote there is another file.
    gone = file.Sha1 != id
  }

  delete {
    call "DeleteFile" { params = { Path = self.filename } }
  }

  import {
    refused = "What was written is in the state only. Describe the file and apply: it is written again."
  }
}
