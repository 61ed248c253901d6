resource "aws_kms_alias" "a" {
}
