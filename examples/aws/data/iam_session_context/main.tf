# The role behind whoever runs this, for a key policy that outlives the session.

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}

data "aws_iam_session_context" "current" {
  arn = data.aws_caller_identity.current.arn
}

data "aws_iam_session_context" "session" {
  arn = "arn:aws:sts::123456789012:assumed-role/reader/me"
}

output "roles" {
  value = [data.aws_iam_session_context.current.issuer_arn, data.aws_iam_session_context.session.issuer_arn]
}
