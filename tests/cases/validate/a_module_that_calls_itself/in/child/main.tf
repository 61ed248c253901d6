module "a" {
  source = "../"
}

module "b" {
  source = "../child"
}
