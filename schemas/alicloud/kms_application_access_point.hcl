# alicloud_kms_application_access_point: through which an application reaches a KMS instance.

resource "alicloud_kms_application_access_point" {
  service = "kms"
  about   = "An application access point: what its client keys may do."

  argument "application_access_point_name" {
    about     = "The name."
    type      = string
    required  = true
    force_new = true
    read      = id
  }

  argument "policies" {
    about    = "The names of its policies, at most three."
    type     = list(string)
    required = true
    length   = [1, 3]
    read     = jsondecode(or(point.Policies, "[]"))
  }

  argument "description" {
    about = "What it is for."
    type  = string
    read  = point.Description
  }

  timeouts {
    create = "5m"
    update = "5m"
    delete = "5m"
  }

  import {
    example = "my-access-point"
  }

  read {
    call "DescribeApplicationAccessPoint" {
      as      = "point"
      params  = { Name = id }
      expects = reply.Name
    }
  }

  create {
    # A second create of the same name fails, so nothing can come to be twice.
    repeatable = true

    call "CreateApplicationAccessPoint" {
      params = {
        Name                 = self.application_access_point_name
        Description          = or(self.description, null)
        Policies             = jsonencode(self.policies)
        AuthenticationMethod = "ClientKey"
      }
    }

    id = self.application_access_point_name
  }

  update "policies" {
    on = ["policies", "description"]

    call "UpdateApplicationAccessPoint" {
      params = { Name = id, Policies = jsonencode(self.policies), Description = or(self.description, "") }
    }
  }

  # Its client keys end with it.
  usage {
    call "ListClientKeys" {
      as      = "keys"
      params  = { AapName = id }
      expects = reply.RequestId
      take    = or(reply.ClientKeys, [])
    }

    shows = {
      holds = keys == null ? null : keys[*].ClientKeyId
    }
  }

  delete {
    call "DeleteApplicationAccessPoint" {
      params  = { Name = id }
      ok_when = error.code == "Forbidden.ResourceNotFound"
    }
  }
}
