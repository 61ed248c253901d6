# What the configuration of the keys shows to others, read from its state file beside this one.

data "terraform_remote_state" "keys" {
  backend = "local"
  config = {
    path = "${path.module}/keys.json"
  }
  defaults = {
    rotation_days = 90
  }
}

output "alias" {
  value = data.terraform_remote_state.keys.outputs.alias
}

output "rotation_days" {
  value = data.terraform_remote_state.keys.outputs.rotation_days
}
