provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "k" {
  deletion_window_in_days = 7

  provisioner "local-exec" {
    command = "exit 1"
  }
}
