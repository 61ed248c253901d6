output "a" { value = "x" }
output "b" { value = [1, 2, 3] }
output "c" {
  value     = "s"
  sensitive = true
}
output "d" { value = { a = 1, b = { c = "x" } } }
output "gone" { value = { a = [1] } }
output "same" { value = 1 }
output "becomes_secret" { value = "v" }
output "becomes_null" { value = "v" }
output "type" { value = 1 }
