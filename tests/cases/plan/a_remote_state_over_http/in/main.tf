data "terraform_remote_state" "keys" {
  backend = "http"
  config = {
    address  = "http://<CLOUD>/state"
    username = "reader"
    password = "hidden-password"
  }
}

output "alias" {
  value = data.terraform_remote_state.keys.outputs.alias
}
