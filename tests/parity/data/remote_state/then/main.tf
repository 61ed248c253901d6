data "terraform_remote_state" "keys" {
  backend = "local"
  config = {
    path = "keys.json"
  }
  defaults = {
    alias = "not taken"
    days  = 90
  }
}

data "terraform_remote_state" "blue" {
  backend   = "local"
  workspace = "blue"
  config = {
    workspace_dir = "${path.module}/envs"
  }
}

resource "terraform_data" "late" {
  input = "keys.json"
}

data "terraform_remote_state" "late" {
  backend = "local"
  config = {
    path = terraform_data.late.output
  }
}

output "keys" {
  value = data.terraform_remote_state.keys.outputs
}

output "blue" {
  value = data.terraform_remote_state.blue.outputs.name
}

output "late" {
  value = data.terraform_remote_state.late.outputs.alias
}
