locals {
  name = 1
}
