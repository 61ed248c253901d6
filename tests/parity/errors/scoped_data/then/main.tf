resource "terraform_data" "a" {}

check "c" {
  data "terraform_remote_state" "a" {
    count   = 1
    backend = "local"

    lifecycle {
      precondition {
        condition     = terraform_data.a.id != ""
        error_message = "x"
      }
    }
  }

  assert {
    condition     = data.terraform_remote_state.a.outputs.a == "b"
    error_message = "x"
  }
}

check "d" {
  data "terraform_remote_state" "b" {
    for_each = toset(["a"])
    backend  = "local"
  }

  assert {
    condition     = data.terraform_remote_state.b.outputs.a == "b"
    error_message = "x"
  }
}
