# Who calls.

data "aws_caller_identity" {
  service = "sts"
  about   = "The account, user and ARN that the provider's credentials belong to."

  attribute "account_id" {
    about = "The number of the account."
    type  = string
    read  = caller.Account
  }

  attribute "arn" {
    about = "The ARN of who calls."
    type  = string
    read  = caller.Arn
  }

  attribute "user_id" {
    about = "The unique id of who calls."
    type  = string
    read  = caller.UserId
  }

  read {
    call "GetCallerIdentity" {
      as      = "caller"
      expects = reply.Account
      shared  = true
    }

    id = caller.Account
  }
}
