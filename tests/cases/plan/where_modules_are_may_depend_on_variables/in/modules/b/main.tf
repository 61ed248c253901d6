variable "sub" {
  type = string
}

module "deep" {
  source = var.sub
}

output "said" {
  value = "b and ${module.deep.said}"
}
