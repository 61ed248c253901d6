data "aws_caller_identity" "here" {}

resource "aws_kms_key" "main" {
  description = "of ${data.aws_caller_identity.here.account_id}"
}
