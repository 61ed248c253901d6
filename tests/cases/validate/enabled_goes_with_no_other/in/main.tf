resource "terraform_data" "counted" {
  count = 2

  lifecycle {
    enabled = true
  }
}

resource "terraform_data" "keyed" {
  for_each = toset(["a"])

  lifecycle {
    enabled = true
  }
}

module "counted" {
  source = "./m"
  count  = 1

  lifecycle {
    enabled = true
    destroy = false
  }
}
