resource "random_password" "a" {
  length = 8
}

#### length: replace kept
length = 12

#### what it has at least: replace kept
min_lower = 1
min_upper = 2
min_numeric = 3
min_special = 4

#### no digits, by the older name: replace kept
number = false
min_numeric = 0

#### nothing special: replace kept
special = false
min_special = 0

#### special again: replace kept
special = true
