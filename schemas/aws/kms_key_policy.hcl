# aws_kms_key_policy: the policy of a key that somebody else made.

resource "aws_kms_key_policy" {
  service = "kms"
  about   = "The policy of a KMS key, apart from the key. Do not use it for a key that has the argument policy."

  argument "key_id" {
    about     = "The key, by its id or ARN."
    type      = string
    required  = true
    force_new = true
    length    = [1, 2048]
    same      = "key_ref"
    read      = or(self.key_id, key.KeyId)
  }

  argument "policy" {
    about    = "The key policy, as a JSON document."
    type     = string
    required = true
    format   = "json"
    length   = [1, 32768]
    same     = "aws_policy"
    stored   = "json"
    read     = policy
  }

  # A key has one policy.
  rival "policy" {
    types = ["aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"]
    by    = "key_id"
  }

  include "key_import" {
    example = "1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  include "policy_writing" {}

  read {
    call "DescribeKey" {
      as      = "key"
      params  = { KeyId = id }
      expects = reply.KeyMetadata.KeyState
      shared  = true
      take    = reply.KeyMetadata
    }

    gone = contains(["PendingDeletion", "PendingReplicaDeletion"], key.KeyState)
  }

  create {
    # The second time the same policy is put, nothing changes.
    repeatable = true

    call "PutKeyPolicy" {
      params = {
        KeyId                          = self.key_id
        PolicyName                     = "default"
        Policy                         = self.policy
        BypassPolicyLockoutSafetyCheck = self.bypass_policy_lockout_safety_check
      }
      retry_when = error.code == "NotFoundException" || (error.code == "MalformedPolicyDocumentException" && !contains_text(error.message, "will not allow you to update the key policy"))
      retry_for  = "3m"
    }

    id = self.key_id

    wait {
      until = same("aws_policy", policy, self.policy)
      times = 5
    }
  }

  # A key has a policy at all times: what is left behind is the one that a key has by default.
  include "lasting_policy" {
    of = self.key_id

    left = jsonencode({
      Id      = "default"
      Version = "2012-10-17"
      Statement = [{
        Sid       = "Enable IAM User Permissions"
        Effect    = "Allow"
        Principal = { AWS = "arn:${split(":", key.Arn)[1]}:iam::${key.AWSAccountId}:root" }
        Action    = "kms:*"
        Resource  = "*"
      }]
    })
  }
}
