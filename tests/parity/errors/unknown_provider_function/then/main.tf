terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}

output "not_required" { value = provider::none::any(1) }
output "not_there" { value = provider::terraform::missing(1) }
output "too_deep" { value = provider::terraform::a::b(1) }
output "not_of_a_provider" { value = terraform::encode_expr(1) }
output "too_few" { value = provider::terraform::encode_expr() }
output "too_many" { value = provider::terraform::encode_expr(1, 2) }
output "null" { value = provider::terraform::encode_expr(null) }
