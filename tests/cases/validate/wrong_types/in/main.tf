resource "aws_kms_key" "a" {
  deletion_window_in_days = "soon"
  tags                    = ["a"]
  is_enabled              = {}
}
