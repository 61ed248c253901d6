# A value that is kept in state, and a note that is written anew whenever it changes.

variable "release" {
  type    = string
  default = "2026-11"
}

resource "terraform_data" "release" {
  input = var.release
}

resource "terraform_data" "note" {
  triggers_replace = [terraform_data.release.output]
  input            = { text = "released in ${var.release}", reviewed = true }
}

output "note" {
  value = terraform_data.note.output.text
}
