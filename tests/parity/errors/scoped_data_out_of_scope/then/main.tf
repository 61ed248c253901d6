check "c" {
  data "terraform_remote_state" "a" {
    backend = "local"
  }

  assert {
    condition     = data.terraform_remote_state.a.outputs.a == "b"
    error_message = "x"
  }
}

check "d" {
  assert {
    condition     = data.terraform_remote_state.a.outputs.a == "b"
    error_message = "x"
  }
}

output "o" {
  value = data.terraform_remote_state.a.outputs.a
}
