resource "terraform_data" "k" {
  input            = "new"
  triggers_replace = 2
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "stays" {
  input = "new"
  lifecycle { ignore_changes = all }
}
