terraform {
  backend "s3" {
    bucket = "states"
    key    = "keys"
  }
}
