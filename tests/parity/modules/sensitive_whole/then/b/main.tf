output "secret" {
  value     = "s"
  sensitive = true
}
