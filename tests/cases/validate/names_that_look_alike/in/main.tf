resource "terraform_data" "pa" {}

# The letters of this name are Cyrillic.
resource "terraform_data" "ра" {}

locals {
  # One of these is Cyrillic.
  kеy = 1
  café = 2
}

output "all" {
  value = [terraform_data.pa.id, terraform_data.ра.id, local.kеy, local.café]
}
