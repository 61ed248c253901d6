# Opens the key management service for the account, if it is told to.

data "alicloud_kms_service" {
  service = "kms"
  about   = "Whether the key management service is open for the account. With enable = \"On\" the read opens it."

  argument "enable" {
    about   = "\"On\" opens the service, unless it is open. It cannot be closed again."
    type    = string
    default = "Off"
    one_of  = ["On", "Off"]
  }

  attribute "status" {
    about = "Opened, when the service is known to be open."
    type  = string
    read  = self.enable == "On" ? "Opened" : ""
  }

  read {
    # There is one service for all regions.
    call "OpenKmsService" {
      as         = "opened"
      when       = self.enable == "On"
      region     = "cn-hangzhou"
      expects    = reply.RequestId
      null_when  = error.code == "Forbidden.Opened"
      retry_when = contains_text(error.message, "QPS Limit Exceeded")
    }

    id = self.enable == "On" ? "KmsServiceHasBeenOpened" : "KmsServiceHasNotBeenOpened"
  }
}
