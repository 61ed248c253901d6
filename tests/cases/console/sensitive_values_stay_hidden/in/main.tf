variable "v" {
  default   = "hunter2"
  sensitive = true
}
