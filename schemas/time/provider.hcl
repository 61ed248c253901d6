# The provider of points in time.

provider "time" {
  about = "Points in time that stay the same until something that they keep to changes."

  service "machine" {
    protocol = "machine"
  }
}
