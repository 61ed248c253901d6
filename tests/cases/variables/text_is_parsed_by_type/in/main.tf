variable "n" {
  type = number
}

variable "l" {
  type = list(string)
}

variable "s" {
  type = string
}
