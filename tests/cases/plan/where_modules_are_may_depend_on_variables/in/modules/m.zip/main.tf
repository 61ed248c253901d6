output "said" {
  value = "a folder all the same"
}
