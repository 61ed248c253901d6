# A key, whoever manages it.

data "aws_kms_key" {
  service = "kms"
  region  = self.region
  about   = "A KMS key. One that is being deleted is found too."

  include "data_region" {}

  argument "key_id" {
    about    = "The key: its id, its ARN, or the name or ARN of an alias."
    type     = string
    required = true
    length   = [1, 2048]
  }

  argument "grant_tokens" {
    about = "Tokens of grants that are not known everywhere yet."
    type  = list(string)
  }

  attribute "arn" {
    about = "The ARN of the key."
    type  = string
    read  = key.Arn
  }

  attribute "aws_account_id" {
    about = "The account that owns the key."
    type  = string
    read  = key.AWSAccountId
  }

  attribute "cloud_hsm_cluster_id" {
    about = "The cluster that holds the material."
    type  = string
    read  = key.CloudHsmClusterId
  }

  attribute "creation_date" {
    about = "When the key was made."
    type  = string
    read  = native::timestamp_of(key.CreationDate)
  }

  attribute "custom_key_store_id" {
    about = "The custom key store that holds the material."
    type  = string
    read  = key.CustomKeyStoreId
  }

  attribute "customer_master_key_spec" {
    about = "An older name of key_spec."
    type  = string
    read  = or(key.CustomerMasterKeySpec, key.KeySpec)
  }

  attribute "deletion_date" {
    about = "When the key will be lost, if it is being deleted."
    type  = string
    read  = native::timestamp_of(key.DeletionDate)
  }

  attribute "description" {
    about = "What the key is for."
    type  = string
    read  = key.Description
  }

  attribute "enabled" {
    about = "Whether the key may be used."
    type  = bool
    read  = key.Enabled
  }

  attribute "expiration_model" {
    about = "Whether imported material expires."
    type  = string
    read  = key.ExpirationModel
  }

  attribute "key_manager" {
    about = "Who manages the key: AWS or CUSTOMER."
    type  = string
    read  = key.KeyManager
  }

  attribute "key_spec" {
    about = "The kind of key material."
    type  = string
    read  = or(key.KeySpec, key.CustomerMasterKeySpec)
  }

  attribute "key_state" {
    about = "The state of the key."
    type  = string
    read  = key.KeyState
  }

  attribute "key_usage" {
    about = "What the key may be used for."
    type  = string
    read  = key.KeyUsage
  }

  attribute "multi_region" {
    about = "Whether the key can have replicas in other regions, or is one."
    type  = bool
    read  = key.MultiRegion == true
  }

  attribute "multi_region_configuration" {
    about = "The primary key and the replicas of a multi-Region key."
    type  = list(object({ multi_region_key_type = string, primary_key = list(object({ arn = string, region = string })), replica_keys = list(object({ arn = string, region = string })) }))
    read = key.MultiRegionConfiguration == null ? [] : [{
      multi_region_key_type = key.MultiRegionConfiguration.MultiRegionKeyType
      primary_key           = [{ arn = key.MultiRegionConfiguration.PrimaryKey.Arn, region = key.MultiRegionConfiguration.PrimaryKey.Region }]
      replica_keys          = [for k in or(key.MultiRegionConfiguration.ReplicaKeys, []) : { arn = k.Arn, region = k.Region }]
    }]
  }

  attribute "origin" {
    about = "Where the material comes from."
    type  = string
    read  = key.Origin
  }

  attribute "pending_deletion_window_in_days" {
    about = "How many days a primary key waits once its last replica is gone."
    type  = number
    read  = key.PendingDeletionWindowInDays
  }

  attribute "valid_to" {
    about = "When imported material expires."
    type  = string
    read  = native::timestamp_of(key.ValidTo)
  }

  attribute "xks_key_configuration" {
    about = "The external key that the key stands for."
    type  = list(object({ id = string }))
    read  = key.XksKeyConfiguration == null ? [] : [{ id = key.XksKeyConfiguration.Id }]
  }

  read {
    call "DescribeKey" {
      as      = "key"
      params  = { KeyId = self.key_id, GrantTokens = length(or(self.grant_tokens, [])) == 0 ? null : self.grant_tokens }
      expects = reply.KeyMetadata.KeyState
      shared  = true
      take    = reply.KeyMetadata
    }

    id = key.KeyId
  }
}
