# The provider of types that need no cloud.

provider "terraform" {
  about = "Types that keep values of the configuration and call nothing."
}
