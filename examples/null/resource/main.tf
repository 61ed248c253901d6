# A command that runs again whenever a list changes.

variable "principals" {
  type    = list(string)
  default = ["reporting", "billing"]
}

resource "null_resource" "note" {
  triggers = {
    principals = join(",", var.principals)
  }

  provisioner "local-exec" {
    command = "echo ${join(" ", values(self.triggers))}"
  }
}
