terraform {
  cloud {
    organization = "example"

    workspaces {
      name = "keys"
    }
  }
}
