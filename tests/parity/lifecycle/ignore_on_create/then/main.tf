resource "terraform_data" "all" {
  input = "b"
  lifecycle { ignore_changes = all }
}
