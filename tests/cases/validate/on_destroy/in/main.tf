resource "aws_kms_key" "disabled" {
  lifecycle {
    on_destroy = "disable"
  }
}

resource "aws_kms_key" "misspelt" {
  lifecycle {
    on_destroy = "disabel"
  }
}

resource "aws_kms_key" "both" {
  lifecycle {
    destroy    = false
    on_destroy = "retain"
  }
}

resource "aws_kms_key" "computed" {
  lifecycle {
    on_destroy = var.word
  }
}

data "aws_kms_key" "read" {
  key_id = "alias/x"
  lifecycle {
    on_destroy = "retain"
  }
}

variable "word" {
  default = "retain"
}
