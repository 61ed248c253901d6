# When a key was last used.

data "aws_kms_key_last_usage" {
  service = "kms"
  region  = self.region
  about   = "When a KMS key was last used, and for what."

  include "data_region" {}

  argument "key_id" {
    about    = "The key: its id, its ARN, or the name or ARN of an alias."
    type     = string
    required = true
    length   = [1, 2048]
  }

  attribute "key_creation_date" {
    about = "When the key was made."
    type  = string
    read  = native::timestamp_of(usage.KeyCreationDate)
  }

  attribute "key_last_usage" {
    about = "The last use; none when nothing is known of any."
    type  = list(object({ operation = string, timestamp = string, cloud_trail_event_id = string, kms_request_id = string }))
    read = usage.KeyLastUsage == null || usage.KeyLastUsage.Operation == null ? [] : [{
      operation            = usage.KeyLastUsage.Operation
      timestamp            = native::timestamp_of(usage.KeyLastUsage.Timestamp)
      cloud_trail_event_id = usage.KeyLastUsage.CloudTrailEventId
      kms_request_id       = usage.KeyLastUsage.KmsRequestId
    }]
  }

  attribute "tracking_start_date" {
    about = "Since when uses are kept in mind."
    type  = string
    read  = native::timestamp_of(usage.TrackingStartDate)
  }

  read {
    call "GetKeyLastUsage" {
      as      = "usage"
      params  = { KeyId = self.key_id }
      expects = reply.KeyId
    }

    id = usage.KeyId
  }
}
