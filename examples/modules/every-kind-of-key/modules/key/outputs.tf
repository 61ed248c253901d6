output "key_arn" {
  description = "The ARN of the key."
  value = try(
    aws_kms_key.this[0].arn,
    aws_kms_external_key.this[0].arn,
    aws_kms_replica_key.this[0].arn,
    aws_kms_replica_external_key.this[0].arn,
    null,
  )
}

output "key_id" {
  description = "The id of the key."
  value       = local.key_id
}

output "key_policy" {
  description = "The policy of the key."
  value       = try(aws_kms_key.this[0].policy, aws_kms_external_key.this[0].policy, null)
}

output "state" {
  description = "The state of a key whose material was brought."
  value       = try(aws_kms_external_key.this[0].key_state, aws_kms_replica_external_key.this[0].key_state, null)
}

output "expiration_model" {
  description = "Whether that material expires."
  value       = try(aws_kms_external_key.this[0].expiration_model, null)
}

output "aliases" {
  description = "The names."
  value       = aws_kms_alias.this
}

output "grants" {
  description = "The grants."
  value       = aws_kms_grant.this
  sensitive   = true
}
