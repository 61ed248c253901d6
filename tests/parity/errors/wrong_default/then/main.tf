variable "n" {
  type    = list(number)
  default = ["x"]
}
