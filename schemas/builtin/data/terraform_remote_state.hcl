# terraform_remote_state: what another configuration shows as its outputs.

data "terraform_remote_state" {
  about  = "The outputs of another configuration, read from its state."
  native = true

  argument "backend" {
    about    = "Where the state is: \"local\" or \"http\"."
    type     = string
    required = true
  }

  argument "config" {
    about = "What the backend needs to know: path and workspace_dir, or address, username and password."
    type  = any
  }

  argument "workspace" {
    about = "The workspace whose state is read; without it the default one."
    type  = string
  }

  argument "defaults" {
    about = "Values for outputs that the state does not have."
    type  = any
  }

  attribute "outputs" {
    about = "The outputs by name, as sensitive as they were declared."
    type  = any
  }
}
