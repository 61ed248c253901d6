output "same" {
  value     = "x"
  sensitive = true
}
output "other" {
  value     = "x"
  sensitive = true
}
output "gone" {
  value     = "x"
  sensitive = true
}
