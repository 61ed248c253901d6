resource "terraform_data" "k" {
  input            = "old"
  triggers_replace = 1
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "stays" {
  input = "old"
  lifecycle { ignore_changes = all }
}
