variable "sub" {
  type = string
}

module "deep" {
  source = var.sub
}

output "said" {
  value = "a and ${module.deep.said}"
}
