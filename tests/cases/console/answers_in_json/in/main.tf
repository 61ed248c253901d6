variable "v" {
  default   = "hunter22"
  sensitive = true
}

resource "terraform_data" "a" {
}
