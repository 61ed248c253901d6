# The provider of files on this machine.

provider "local" {
  about = "Files on the machine that the run is on."

  service "machine" {
    protocol = "machine"
  }
}
