output "a" { value = 1 }
output "s" {
  value     = 1
  sensitive = true
}
