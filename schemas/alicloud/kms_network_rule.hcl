# alicloud_kms_network_rule: the addresses from which a policy lets an application in.

resource "alicloud_kms_network_rule" {
  service = "kms"
  about   = "A network rule: the private addresses from which a policy lets an application in."

  # The service makes no name up, and refuses to do without.
  argument "network_rule_name" {
    about     = "The name."
    type      = string
    required  = true
    force_new = true
    length    = [1, 255]
    read      = id
  }

  argument "source_private_ip" {
    about    = "Addresses, and blocks of addresses: 10.0.0.0/8."
    type     = list(string)
    required = true
    length   = [1, 1000]
    pattern  = "^[0-9a-fA-F:.]+(/[0-9]{1,3})?$"
    read     = jsondecode(or(network.SourcePrivateIp, "[]"))
  }

  argument "description" {
    about = "What it is for."
    type  = string
    read  = network.Description
  }

  timeouts {
    create = "5m"
    update = "5m"
    delete = "5m"
  }

  import {
    example = "my-network"
  }

  read {
    # The answer does not repeat the name.
    call "DescribeNetworkRule" {
      as      = "network"
      params  = { Name = id }
      expects = reply.Type
    }
  }

  create {
    # A second create of the same name fails, so nothing can come to be twice.
    repeatable = true

    call "CreateNetworkRule" {
      params = {
        Name            = self.network_rule_name
        Type            = "Private"
        SourcePrivateIp = jsonencode(self.source_private_ip)
        Description     = or(self.description, null)
      }
    }

    id = self.network_rule_name
  }

  update "rule" {
    on = ["source_private_ip", "description"]

    call "UpdateNetworkRule" {
      params = { Name = id, SourcePrivateIp = jsonencode(self.source_private_ip), Description = or(self.description, "") }
    }
  }

  delete {
    call "DeleteNetworkRule" {
      params  = { Name = id }
      ok_when = error.code == "Forbidden.ResourceNotFound"
    }
  }
}
