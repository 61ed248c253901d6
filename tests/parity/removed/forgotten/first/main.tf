resource "terraform_data" "kept" {
  count = 2
  input = "k"
}
resource "terraform_data" "gone" { input = "k" }
resource "terraform_data" "stays" {}
module "m" { source = "./m" }
