variable "v" {
  type = list(string)
}
