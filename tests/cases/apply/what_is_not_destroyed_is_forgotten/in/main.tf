variable "number" {
  default = 2
}

resource "terraform_data" "kept" {
  lifecycle {
    destroy         = false
    prevent_destroy = true
  }
}

resource "terraform_data" "many" {
  count = var.number

  lifecycle {
    destroy = false
  }
}

module "m" {
  source   = "./m"
  for_each = toset([for i in range(var.number) : tostring(i)])
}

resource "terraform_data" "goes" {
  input = terraform_data.kept.id

  lifecycle {
    destroy = true
  }
}
