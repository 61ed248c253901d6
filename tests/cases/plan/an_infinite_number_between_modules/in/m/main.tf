output "far" {
  value = 1 / 0
}
