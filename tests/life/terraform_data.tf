resource "terraform_data" "a" {
  input = "one"
}

#### input: update kept
input = { a = ["two"] }

#### trigger: replace kept
triggers_replace = "one"

#### no input: update kept
input = null
