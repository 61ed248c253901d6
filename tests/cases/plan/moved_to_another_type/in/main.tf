resource "terraform_data" "a" {}
moved {
  from = aws_kms_key.a
  to   = terraform_data.a
}
