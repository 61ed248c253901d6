output "o" {
  value     = "constant"
  ephemeral = true
}
