# Data sources and ephemeral resources without a cloud.

resource "local_file" "f" {
  filename = "f"
  content  = "text"
}

data "local_file" "f" {
  filename   = "f"
  depends_on = [local_file.f]
}

data "local_sensitive_file" "f" {
  filename   = "f"
  depends_on = [local_file.f]
}

ephemeral "random_password" "digits" {
  length           = 12
  upper            = false
  lower            = false
  numeric          = true
  special          = true
  min_upper        = 0
  min_lower        = 0
  min_numeric      = 5
  min_special      = 7
  override_special = "_"
}

# What an ephemeral resource tells reaches outputs only through what is made of it: a check fails otherwise.
resource "terraform_data" "judge" {
  lifecycle {
    precondition {
      condition     = length(regexall("[0-9]", ephemeral.random_password.digits.result)) >= 5 && length(regexall("_", ephemeral.random_password.digits.result)) >= 7
      error_message = "Other characters than those that are asked for."
    }
  }
}

resource "local_file" "state" {
  filename = "states/other/terraform.tfstate"

  content = jsonencode({
    version           = 4
    terraform_version = "1.11.4"
    serial            = 1
    lineage           = "a"
    resources         = []
    outputs           = { told = { value = "here", type = "string" } }
  })
}

data "terraform_remote_state" "other" {
  backend    = "local"
  workspace  = "other"
  config     = { workspace_dir = "states" }
  defaults   = { told = "nothing", untold = "default" }
  depends_on = [local_file.state]
}

output "found" {
  value = {
    state  = data.terraform_remote_state.other.outputs
    file   = [data.local_file.f.content, data.local_file.f.content_base64]
    hidden = nonsensitive(data.local_sensitive_file.f.content)
  }
}

output "expected" {
  value = {
    state  = { told = "here", untold = "default" }
    file   = ["text", "dGV4dA=="]
    hidden = "text"
  }
}
