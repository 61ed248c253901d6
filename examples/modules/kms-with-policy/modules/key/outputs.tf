output "arn" {
  description = "The key's ARN; null when there is none."
  value       = one(aws_kms_key.this[*].arn)
}

output "key_id" {
  description = "The key's id; null when there is none."
  value       = try(aws_kms_key.this[0].key_id, null)
}

output "policy" {
  description = "The policy of the key as JSON; null when there is none."
  value       = try(data.aws_iam_policy_document.this[0].json, null)
}

output "aliases" {
  description = "The names of the key."
  value       = aws_kms_alias.this
}

output "grants" {
  description = "The ids of the grants, by their names."
  value       = { for name, grant in aws_kms_grant.this : name => grant.grant_id }
}
