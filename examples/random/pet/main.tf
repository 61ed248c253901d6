# A name that people can remember.

resource "random_pet" "environment" {
  length    = 3
  prefix    = "test"
  separator = "_"
}

output "environment" {
  value = random_pet.environment.id
}
