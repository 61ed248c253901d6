module "key" {
  source = "registry.example/keys/key"
}

output "name" {
  value = module.key.name
}
