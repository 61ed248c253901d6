# The provider of random values.

provider "random" {
  about = "Random values that stay the same until something that they keep to changes."
}
