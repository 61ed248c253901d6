output "name" {
  value = "k"
}
