terraform {
  required_providers {
    text = { source = "terraform.io/builtin/terraform" }
  }
}

output "named" { value = provider::text::encode_expr([1]) }
output "by_another_name" { value = can(provider::terraform::encode_expr([1])) }
