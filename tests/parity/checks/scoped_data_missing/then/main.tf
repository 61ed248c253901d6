resource "terraform_data" "a" {
  input = "a"
}

check "c" {
  data "terraform_remote_state" "keys" {
    backend = "local"
    config = {
      path = "missing.json"
    }
  }

  assert {
    condition     = data.terraform_remote_state.keys.outputs.alias == "b"
    error_message = "The alias is ${data.terraform_remote_state.keys.outputs.alias}."
  }

  assert {
    condition     = terraform_data.a.output == "b"
    error_message = "It is ${terraform_data.a.output}."
  }
}
