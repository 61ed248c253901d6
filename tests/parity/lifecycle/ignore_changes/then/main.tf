resource "terraform_data" "input" {
  input = "b"
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "all" {
  input            = "b"
  triggers_replace = 2
  lifecycle { ignore_changes = all }
}
resource "terraform_data" "deep" {
  input = { a = { x = 2, y = 2 }, b = [3, 2] }
  lifecycle { ignore_changes = [input.a.x, input.b[0]] }
}
resource "terraform_data" "triggers" {
  triggers_replace = 2
  lifecycle { ignore_changes = [triggers_replace] }
}
