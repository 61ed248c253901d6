resource "aws_kms_key" "a" {
  descripton = "x"
  nonsense {}
}
