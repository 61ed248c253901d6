data "terraform_remote_state" "unknown" {
  backend = "nope"
}

data "terraform_remote_state" "argument" {
  backend = "local"
  config = {
    pathh = "x"
  }
}

data "terraform_remote_state" "number" {
  backend = "local"
  config  = 1
}

data "terraform_remote_state" "list" {
  backend = "local"
  config = {
    path = ["x"]
  }
}

data "terraform_remote_state" "defaults" {
  backend  = "local"
  defaults = ["x"]
}
