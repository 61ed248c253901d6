output "not_an_override" {
  value = local.c
}
