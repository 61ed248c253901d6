# The provider of what does nothing.

provider "null" {
  about = "A type that does nothing but be there."
}
