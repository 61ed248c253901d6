# The role behind a session.

data "aws_iam_session_context" {
  service = "iam"
  about   = "The role that was assumed, if an ARN is that of a session of a role."

  # IAM is one for a whole partition, and is asked in its home region.
  region = lookup({
    "aws-cn"     = "cn-north-1"
    "aws-us-gov" = "us-gov-west-1"
    "aws-eusc"   = "eusc-de-east-1"
    "aws-iso"    = "us-iso-east-1"
    "aws-iso-b"  = "us-isob-east-1"
    "aws-iso-e"  = "eu-isoe-west-1"
    "aws-iso-f"  = "us-isof-south-1"
  }, native::aws_region(provider.region).partition, "us-east-1")

  argument "arn" {
    about    = "The ARN of a session, a role or a user."
    type     = string
    required = true
    pattern  = "^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+$"
  }

  attribute "issuer_arn" {
    about = "The ARN of the role; of anything but a session, the ARN itself."
    type  = string
    read  = role == null ? self.arn : role.Arn
  }

  attribute "issuer_id" {
    about = "The unique id of the role; empty of anything but a session."
    type  = string
    read  = role == null ? "" : role.RoleId
  }

  attribute "issuer_name" {
    about = "The name of the role; empty of anything but a session."
    type  = string
    read  = role == null ? "" : role.RoleName
  }

  attribute "session_name" {
    about = "The name of the session; empty of anything but a session."
    type  = string
    read  = try(regex(":assumed-role/[^/]+/(.+)$", self.arn)[0], "")
  }

  read {
    call "GetRole" {
      as      = "role"
      when    = length(regexall("^arn:[^:]*:sts:[^:]*:[^:]*:assumed-role/[^/]+/.+$", self.arn)) > 0
      params  = { RoleName = regex(":assumed-role/([^/]+)/", self.arn)[0] }
      expects = reply.Role.Arn
      take    = reply.Role
    }

    id = self.arn
  }
}
