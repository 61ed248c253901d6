terraform {
  backend "local" {
    pat = "x"
  }
}
