resource "terraform_data" "input" {
  input = "a"
  lifecycle { ignore_changes = [input] }
}
resource "terraform_data" "all" {
  input            = "a"
  triggers_replace = 1
  lifecycle { ignore_changes = all }
}
resource "terraform_data" "deep" {
  input = { a = { x = 1, y = 1 }, b = [1, 2] }
  lifecycle { ignore_changes = [input.a.x, input.b[0]] }
}
resource "terraform_data" "triggers" {
  triggers_replace = 1
  lifecycle { ignore_changes = [triggers_replace] }
}
