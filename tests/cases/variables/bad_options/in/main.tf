variable "a" {
  default = "default"
}
