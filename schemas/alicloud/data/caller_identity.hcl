# Who calls.

data "alicloud_caller_identity" {
  service = "sts"
  about   = "Who the provider's credentials belong to. The id is that of the user or the session."

  attribute "account_id" {
    about = "The number of the account."
    type  = string
    read  = tostring(caller.AccountId)
  }

  attribute "arn" {
    about = "The ARN of who calls."
    type  = string
    read  = caller.Arn
  }

  attribute "identity_type" {
    about = "What calls: Account, RAMUser or AssumedRoleUser."
    type  = string
    read  = caller.IdentityType
  }

  read {
    call "GetCallerIdentity" {
      as      = "caller"
      expects = reply.AccountId
      shared  = true
    }

    id = caller.PrincipalId
  }
}
