terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}

locals {
  nested = {
    "1a" = 2, a = {}, b = [{ c = 1 }, [2, { x = "y" }]], long = 3, if = 3, null = null, s = "$${x} %%{y} $$ \"\\\n\t\u00a0é"
  }
}

output "expr" {
  value = [for value in [local.nested, [], {}, "", [null], 1e100, 0.1, -0.5e-30, true, toset(["b", "a"]), tomap({ a = 1 })] : provider::terraform::encode_expr(value)]
}
output "file" {
  value = [for value in [local.nested.b[0], {}, { a = 1, long_name = 2, c = { d = 1 }, e = [[1]], for = true }] : provider::terraform::encode_tfvars(value)]
}
output "back" {
  value = provider::terraform::decode_tfvars("a = 1 + 1\nb = [\"x\", null]\nc = { d = \"$${e}\" }\n")
}
output "nothing" { value = provider::terraform::decode_tfvars("") }
output "template" { value = templatefile("expr.tftpl", { value = [1] }) }
output "secret" {
  value     = [provider::terraform::encode_expr(sensitive("a")), provider::terraform::encode_tfvars({ a = sensitive("a") })]
  sensitive = true
}
output "unknown" { value = provider::terraform::encode_expr([terraform_data.later.id]) }
output "tried" { value = [try(provider::terraform::missing(1), 2), can(provider::none::any(1)), can(provider::terraform::encode_tfvars([])), can(provider::terraform::decode_tfvars("a = b"))] }

resource "terraform_data" "later" {}
module "named" { source = "./m" }
output "named" { value = module.named }
