# The parts of an ARN. Nothing is called.

data "aws_arn" {
  about = "Takes an ARN apart."

  argument "arn" {
    about    = "The ARN."
    type     = string
    required = true
    pattern  = "^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+$"
  }

  attribute "partition" {
    about = "The partition."
    type  = string
    read  = regex("^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)$", self.arn)[0]
  }

  attribute "service" {
    about = "The service."
    type  = string
    read  = regex("^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)$", self.arn)[1]
  }

  attribute "region" {
    about = "The region; empty for what has none."
    type  = string
    read  = regex("^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)$", self.arn)[2]
  }

  attribute "account" {
    about = "The account; empty for what has none."
    type  = string
    read  = regex("^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)$", self.arn)[3]
  }

  attribute "resource" {
    about = "The resource."
    type  = string
    read  = regex("^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)$", self.arn)[4]
  }

  read {
    id = self.arn
  }
}
