# alicloud_kms_client_key: the private key with which an application uses an access point.

resource "alicloud_kms_client_key" {
  service = "kms"
  about   = "A client key of an application access point. The cloud gives its private key away once, when it is made."
  destroy = "irreversible"

  argument "aap_name" {
    about     = "The application access point."
    type      = string
    required  = true
    force_new = true
    within    = "alicloud_kms_application_access_point"
    read      = client.AapName
  }

  # The cloud never tells it: after an import, what is written counts as what was given.
  argument "password" {
    about       = "Protects the private key."
    type        = string
    sensitive   = true
    length      = [8, 64]
    exactly_one = ["password", "password_wo"]
    ignore_when = prior != null && prior.password == null && prior.password_wo_version == null

    # Who moves the password out of the state keeps the key.
    force_new = self.password != null
  }

  argument "password_wo" {
    about      = "Protects the private key. It is not kept in state; another password_wo_version makes a new key."
    type       = string
    sensitive  = true
    write_only = true
    length     = [8, 64]
    needs      = ["password_wo_version"]
  }

  argument "password_wo_version" {
    about     = "Any text; when it changes, a new key is made, protected by password_wo."
    type      = string
    needs     = ["password_wo"]
    force_new = prior.password_wo_version != null
  }

  argument "not_before" {
    about     = "When the key begins to be valid; now when left out."
    type      = string
    computed  = true
    force_new = true
    format    = "rfc3339"
    same      = "instant"
    needs     = ["not_after"]
    read      = client.NotBefore
  }

  argument "not_after" {
    about     = "When the key ceases to be valid; in five years when left out."
    type      = string
    computed  = true
    force_new = true
    format    = "rfc3339"
    same      = "instant"
    needs     = ["not_before"]
    read      = client.NotAfter
  }

  argument "private_key_data_file" {
    about       = "The file to write the private key to, readable by its owner only. It cannot be had later."
    type        = string
    force_new   = true
    ignore_when = prior != null && prior.password == null && prior.password_wo_version == null
  }

  attribute "create_time" {
    about = "When the key was made."
    type  = string
    read  = client.CreateTime
  }

  rule {
    when    = prior == null || replacing
    holds   = self.private_key_data_file != null
    warning = true
    message = "Without private_key_data_file the private key of the client key is lost as soon as it is made."
  }

  # The message does not repeat the password.
  rule {
    when    = (prior == null || replacing) && or(self.password, self.password_wo) != null
    holds   = length(regexall("^[0-9A-Za-z~!@#$%^&*?_-]+$", or(self.password, self.password_wo))) == 1 && length([for kind in ["[0-9]", "[A-Za-z]", "[~!@#$%^&*?_-]"] : kind if length(regexall(kind, or(self.password, self.password_wo))) > 0]) >= 2
    message = "A password has digits, letters and signs of ~!@#$%^&*?_-, of at least two of these kinds, and nothing else."
  }

  timeouts {
    create = "5m"
    delete = "5m"
  }

  import {
    example = "KAAP.66abf237-a53f-4e53-b1e5-9d9a36a0e2f4"
  }

  read {
    call "GetClientKey" {
      as      = "client"
      params  = { ClientKeyId = id }
      expects = reply.ClientKeyId
    }
  }

  create {
    call "CreateClientKey" {
      params = {
        AapName   = self.aap_name
        Password  = or(self.password, self.password_wo)
        NotBefore = self.not_before
        NotAfter  = self.not_after
      }
    }

    effect "write_file" {
      when    = self.private_key_data_file != null
      path    = self.private_key_data_file
      content = jsonencode({ KeyId = reply.ClientKeyId, PrivateKeyData = reply.PrivateKeyData })
    }

    id = reply.ClientKeyId
  }

  among {
    lost = "private key"

    call "ListClientKeys" {
      as      = "keys"
      params  = { AapName = self.aap_name }
      expects = reply.RequestId
      take    = or(reply.ClientKeys, [])
    }

    id = keys[*].ClientKeyId
  }

  delete {
    call "DeleteClientKey" {
      params  = { ClientKeyId = id }
      ok_when = error.code == "Forbidden.ResourceNotFound"
    }
  }
}
