output "größe" {
  value = var.名前
}
variable "名前" {}
