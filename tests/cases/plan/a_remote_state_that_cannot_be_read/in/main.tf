data "terraform_remote_state" "plain" {
  backend = "http"
  config = {
    address = "http://states.example/keys"
  }
}

data "terraform_remote_state" "pipe" {
  backend = "local"
  config = {
    path = "pipe"
  }
}

data "terraform_remote_state" "torn" {
  backend = "local"
  config = {
    path = "torn.json"
  }
}

data "terraform_remote_state" "bucket" {
  backend = "s3"
  config = {
    bucket = "states"
  }
}
