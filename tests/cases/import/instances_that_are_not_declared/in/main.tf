resource "terraform_data" "counted" {
  count = 1
}

resource "terraform_data" "single" {}

module "m" {
  source   = "./m"
  for_each = toset(["a"])
}
