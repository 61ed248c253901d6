locals {
  a = 1.5.0
  b = 1..2
  c = 1e5.0
  d = 1.e2
}
