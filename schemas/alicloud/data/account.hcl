# The account.

data "alicloud_account" {
  service = "sts"
  about   = "The account that the provider's credentials belong to. Its number is the id."

  read {
    call "GetCallerIdentity" {
      as      = "caller"
      when    = or(provider.account_id, null) == null
      expects = reply.AccountId
      shared  = true
    }

    id = or(provider.account_id, caller.AccountId)
  }
}
