provider "aws" { region = "eu-west-1" }

variable "wanted" { type = number }

data "aws_iam_policy_document" "d" {
  count     = var.wanted
  policy_id = "p${count.index}"
}
