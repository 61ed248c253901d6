resource "random_pet" "a" {
}

#### length: replace kept
length = 3

#### prefix: replace kept
prefix = "a"

#### separator: replace kept
separator = "_"
