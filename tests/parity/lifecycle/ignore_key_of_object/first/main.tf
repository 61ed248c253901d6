resource "terraform_data" "key" {
  input = { a = 1, b = 1 }
  lifecycle { ignore_changes = [input["a"]] }
}
