variable "n" { type = string }
variable "m" {}
