# aws_kms_grant: lets a principal use a key.

resource "aws_kms_grant" {
  service = "kms"
  about   = "A grant: lets a principal use a KMS key."

  argument "key_id" {
    about     = "The key, by its id or ARN."
    type      = string
    required  = true
    force_new = true
    same      = "key_ref"
    read      = or(self.key_id, grant.KeyId)
  }

  argument "grantee_principal" {
    about     = "Who may use the key: an ARN, or a service principal."
    type      = string
    required  = true
    force_new = true
    pattern   = "^(arn:.+|([0-9a-z-]+[.]){1,4}(amazonaws|amazon)[.]com)$"

    # Once the principal is deleted the cloud shows an id in its place.
    read = startswith(or(grant.GranteePrincipal, ""), "A") ? or(self.grantee_principal, grant.GranteePrincipal) : or(grant.GranteePrincipal, self.grantee_principal)
  }

  argument "retiring_principal" {
    about     = "Who may give the grant back."
    type      = string
    force_new = true
    pattern   = "^(|arn:.+|([0-9a-z-]+[.]){1,4}(amazonaws|amazon)[.]com)$"
    read      = startswith(or(grant.RetiringPrincipal, "A"), "A") ? self.retiring_principal : grant.RetiringPrincipal
  }

  argument "operations" {
    about     = "What may be done."
    type      = set(string)
    required  = true
    force_new = true
    one_of = [
      "CreateGrant", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
      "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo", "RetireGrant", "Sign", "Verify", "VerifyMac",
    ]
    read = grant.Operations
  }

  argument "name" {
    about     = "A name. Without one, keyform uses a name of its own, so that nothing is granted twice."
    type      = string
    force_new = true
    length    = [1, 256]
    pattern   = "^[0-9A-Za-z_:/-]+$"

    # A name that was made up is not the user's.
    read = startswith(or(grant.Name, ""), "keyform-") && self.name == null ? null : or(grant.Name, self.name)
  }

  argument "grant_creation_tokens" {
    about     = "Tokens of grants that are not known everywhere yet."
    type      = set(string)
    force_new = true
  }

  # It matters when the grant is deleted only, so a change is no reason for another grant.
  argument "retire_on_delete" {
    about   = "Retire the grant instead of revoking it."
    type    = bool
    default = false
  }

  block "constraints" {
    about     = "The encryption context that must be given. It has one of the two arguments."
    nesting   = "set"
    force_new = true
    read      = grant.Constraints == null ? null : [{ encryption_context_equals = grant.Constraints.EncryptionContextEquals, encryption_context_subset = grant.Constraints.EncryptionContextSubset }]

    argument "encryption_context_equals" {
      about = "Exactly this."
      type  = map(string)
    }

    argument "encryption_context_subset" {
      about = "At least this."
      type  = map(string)
    }
  }

  attribute "grant_id" {
    about = "The id of the grant."
    type  = string
    read  = grant.GrantId
  }

  attribute "grant_token" {
    about     = "The token by which the grant can be used before it is known everywhere. It is known after create only."
    type      = string
    sensitive = true
  }

  rule {
    holds   = length(or(self.constraints, [])) <= 1
    message = "A grant has at most one block \"constraints\"."
  }

  rule {
    holds   = length([for c in or(self.constraints, []) : c if length(or(c.encryption_context_equals, {})) > 0 && length(or(c.encryption_context_subset, {})) > 0]) == 0
    message = "Constraints have encryption_context_equals or encryption_context_subset, not both."
  }

  import {
    match   = "^(?P<id>(?P<key_id>.+):[0-9a-f]{64})$"
    example = "1234abcd-12ab-34cd-56ef-1234567890ab:abcde1237f76e4ba7987489ac329fbfba6ad343d6f7075dbd1ef191f0120514a"
  }

  read {
    call "ListGrants" {
      as      = "grant"
      params  = { KeyId = regex("^(.+):([^:]+)$", id)[0], GrantId = regex("^(.+):([^:]+)$", id)[1] }
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.Grants
      take    = one([for g in reply.Grants : g if g.GrantId == regex("^(.+):([^:]+)$", id)[1]])

      # A key without that grant has an empty list, or refuses the question.
      gone_when = error.code == "InvalidGrantIdException"
    }

    gone = grant == null
  }

  # A name that was made up is a grant's mark. One of the user's own stands for what is granted to whom under it, for the
  # same once more is the same grant.
  find {
    call "ListGrants" {
      as        = "grants"
      params    = { KeyId = self.key_id }
      pages     = { ask = "Marker", next = reply.NextMarker }
      expects   = reply.Grants
      take      = [for g in reply.Grants : g if g.Name == or(self.name, "keyform-${replace(marker, ".", "-")}")]
      null_when = error.code == "NotFoundException"
    }

    id = one([for g in or(grants, []) : "${self.key_id}:${g.GrantId}" if self.name == null || (g.GranteePrincipal == self.grantee_principal && length(setsubtract(self.operations, g.Operations)) == 0 && length(setsubtract(g.Operations, self.operations)) == 0)])
  }

  create {
    # A named CreateGrant gives the same grant when it is sent again.
    repeatable = true

    once = {
      name = or(self.name, marker == null ? native::unique_name("keyform-") : "keyform-${replace(marker, ".", "-")}")
    }

    call "CreateGrant" {
      params = {
        KeyId             = self.key_id
        GranteePrincipal  = self.grantee_principal
        RetiringPrincipal = or(self.retiring_principal, null)
        Operations        = self.operations
        Name              = name
        GrantTokens       = length(or(self.grant_creation_tokens, [])) == 0 ? null : self.grant_creation_tokens
        Constraints       = one([for c in or(self.constraints, []) : { EncryptionContextEquals = length(or(c.encryption_context_equals, {})) == 0 ? null : c.encryption_context_equals, EncryptionContextSubset = length(or(c.encryption_context_subset, {})) == 0 ? null : c.encryption_context_subset }])
      }
      retry_when = contains(["DependencyTimeoutException", "KMSInternalException", "InvalidArnException"], error.code)
      retry_for  = "3m"
    }

    id    = "${self.key_id}:${reply.GrantId}"
    keeps = { grant_token = reply.GrantToken }
  }

  delete {
    call "RetireGrant" {
      when    = self.retire_on_delete == true
      params  = { KeyId = self.key_id, GrantId = self.grant_id }
      ok_when = error.code == "NotFoundException"
    }

    call "RevokeGrant" {
      when    = self.retire_on_delete != true
      params  = { KeyId = self.key_id, GrantId = self.grant_id }
      ok_when = error.code == "NotFoundException"
    }

    wait {
      until = gone
      every = "1s"
      limit = "3m"
    }
  }
}
