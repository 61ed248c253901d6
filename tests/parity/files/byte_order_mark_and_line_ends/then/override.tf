output "größe" {
  value = "${var.名前}!"
}
