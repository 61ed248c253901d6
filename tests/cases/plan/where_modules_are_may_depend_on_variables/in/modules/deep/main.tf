output "said" {
  value = "deep"
}
