# alicloud_kms_policy: what the client keys of an application access point may do.

resource "alicloud_kms_policy" {
  service = "kms"
  about   = "A policy of application access points: what an application may do, on what, and from where."

  argument "policy_name" {
    about     = "The name."
    type      = string
    required  = true
    force_new = true
    read      = id
  }

  argument "kms_instance_id" {
    about     = "The KMS instance it is for, or shared."
    type      = string
    required  = true
    force_new = true
    pattern   = "^(shared|kst-.+)$"
    read      = policy.KmsInstance
  }

  argument "permissions" {
    about    = "What is allowed."
    type     = list(string)
    required = true
    length   = [1, 2]
    one_of   = ["RbacPermission/Template/CryptoServiceKeyUser", "RbacPermission/Template/CryptoServiceSecretUser"]
    read     = policy.Permissions
  }

  argument "resources" {
    about    = "On what: key/ID, key/*, secret/NAME, secret/*."
    type     = list(string)
    required = true
    length   = [1, 1000]
    pattern  = "^(key|secret)/.+$"
    read     = policy.Resources
  }

  argument "access_control_rules" {
    about    = "The names of the network rules, as JSON: {\"NetworkRules\":[\"rule\"]}."
    type     = string
    required = true
    format   = "json_object"
    same     = "json"
    read     = policy.AccessControlRules
  }

  argument "description" {
    about = "What it is for."
    type  = string
    read  = policy.Description
  }

  timeouts {
    create = "5m"
    update = "5m"
    delete = "5m"
  }

  import {
    example = "my-policy"
  }

  read {
    call "DescribePolicy" {
      as      = "policy"
      params  = { Name = id }
      expects = reply.Name
    }
  }

  create {
    # A second create of the same name fails, so nothing can come to be twice.
    repeatable = true

    call "CreatePolicy" {
      params = {
        Name               = self.policy_name
        KmsInstance        = self.kms_instance_id
        Permissions        = jsonencode(self.permissions)
        Resources          = jsonencode(self.resources)
        AccessControlRules = self.access_control_rules
        Description        = or(self.description, null)
      }
    }

    id = self.policy_name
  }

  update "policy" {
    on = ["permissions", "resources", "access_control_rules", "description"]

    call "UpdatePolicy" {
      params = {
        Name               = id
        Permissions        = jsonencode(self.permissions)
        Resources          = jsonencode(self.resources)
        AccessControlRules = self.access_control_rules
        Description        = or(self.description, "")
      }
    }
  }

  delete {
    call "DeletePolicy" {
      params  = { Name = id }
      ok_when = error.code == "Forbidden.ResourceNotFound"
    }
  }
}
