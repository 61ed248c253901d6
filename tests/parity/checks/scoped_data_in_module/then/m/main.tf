resource "terraform_data" "a" {
  input = "b"
}

check "holds" {
  data "terraform_remote_state" "keys" {
    backend = "local"
    config = {
      path = "${path.module}/keys.json"
    }
  }

  assert {
    condition     = data.terraform_remote_state.keys.outputs.alias == "alias/orders"
    error_message = "The alias is another one."
  }
}

check "breaks" {
  data "terraform_remote_state" "other" {
    backend = "local"
    config = {
      path = "${path.module}/keys.json"
    }
    depends_on = [terraform_data.a]
  }

  assert {
    condition     = data.terraform_remote_state.other.outputs.alias == terraform_data.a.output
    error_message = "The alias is ${data.terraform_remote_state.other.outputs.alias}."
  }
}

check "without" {
  assert {
    condition     = terraform_data.a.output == "b"
    error_message = "It is ${terraform_data.a.output}."
  }
}
