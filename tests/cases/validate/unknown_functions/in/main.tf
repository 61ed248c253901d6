locals {
  a = uper("x")
  b = max()
}
