resource "terraform_data" "a" {}

output "lock_file" {
  value = filesha256(".terraform.lock.hcl")
}
