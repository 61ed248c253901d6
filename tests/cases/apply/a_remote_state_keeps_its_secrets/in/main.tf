data "terraform_remote_state" "keys" {
  backend = "local"
  config = {
    path = "keys.json"
  }
}

resource "terraform_data" "note" {
  input = {
    alias = data.terraform_remote_state.keys.outputs.alias
    token = data.terraform_remote_state.keys.outputs.token
  }
}
