locals {
  l = ["a", "b"]
  o = { k = { d = [1, 2] }, "x y" = 3 }
}
output "o" { value = [local.l[0], local.l.1, local.o["k"].d[1], local.o.k.d.0, local.o["x y"], local.o[join("", ["k"])]["d"], [1, 2, 3][length(local.l)]] }
