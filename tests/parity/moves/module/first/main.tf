module "old" { source = "./m" }
module "one" { source = "./m" }
module "counted" {
  source = "./m"
  count  = 2
}
