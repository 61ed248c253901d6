resource "terraform_data" "a" { triggers_replace = "2" }
module "m" {
  source = "./m"
  in     = terraform_data.a.id
}
