variable "p" {
  default   = { user = "u", pass = "hunter2" }
  sensitive = true
}
resource "terraform_data" "a" { triggers_replace = var.p }
resource "terraform_data" "b" { triggers_replace = { pass = var.p.pass, open = nonsensitive(var.p.user) } }
output "o" {
  value     = var.p
  sensitive = true
}
output "n" { value = nonsensitive(var.p.user) }
output "t" { value = issensitive(var.p) }
