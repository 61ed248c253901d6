locals {
  o = { a = 1 }
  l = [1]
  n = null
}
output "a" { value = local.o.b }
output "b" { value = local.l[3] }
output "c" { value = local.n.x }
output "d" { value = local.l["x"] }
output "e" { value = "str"[0] }
output "f" { value = local.o["zz"] }
