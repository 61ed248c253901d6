resource "aws_kms_kee" "a" {
}

resource "aws_s3_bucket" "b" {
  bucket = "x"
}

data "aws_regio" "c" {}
