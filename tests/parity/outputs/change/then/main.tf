output "a" { value = "y" }
output "b" { value = [1, 3, 4] }
output "c" {
  value     = "s2"
  sensitive = true
}
output "d" { value = { a = 1, b = { c = "y" }, z = true } }
output "same" { value = 1 }
output "becomes_secret" {
  value     = "v"
  sensitive = true
}
output "becomes_null" { value = null }
output "type" { value = "1" }
output "new" { value = ["a\nb\n", 2.50] }
