data "aws_iam_policy_document" "two" {
  statement {
    sid       = "instead"
    actions   = ["kms:Sign"]
    resources = ["*"]
  }
}
