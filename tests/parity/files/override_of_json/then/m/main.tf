variable "word" {}
variable "other" {}
resource "terraform_data" "it" {
  input = [var.word, var.other]
}
