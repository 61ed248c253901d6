provider "aws" {
  region = "eu-west-1"
}

data "aws_iam_policy_document" "all" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root"]
    }
  }
}

resource "aws_kms_key" "k" {
  policy = data.aws_iam_policy_document.all.json
}

resource "aws_kms_key_policy" "k" {
  key_id = aws_kms_key.k.key_id
  policy = data.aws_iam_policy_document.all.json
}
