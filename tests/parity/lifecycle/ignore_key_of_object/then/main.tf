resource "terraform_data" "key" {
  input = { a = 2, b = 2 }
  lifecycle { ignore_changes = [input["a"]] }
}
