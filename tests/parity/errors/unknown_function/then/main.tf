locals {
  a = uppr("x")
  b = upper()
  c = upper("a", "b")
  d = upper([])
}
output "o" { value = [local.a, local.b] }
