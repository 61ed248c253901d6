terraform {
  backend "local" {
    path = "real.tfstate"
  }
}
# ÿ
