# The o of the second one is Cyrillic.
resource "terraform_data" "d" {
  for_each = toset(["prod", "prоd", "файл", "straße"])
}

module "m" {
  source   = "./m"
  for_each = toset(["tеst"])
}

resource "terraform_data" "plain" {
  for_each = toset(["l1", "ll"])
}
