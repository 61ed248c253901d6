module "new" { source = "./m" }
module "one" {
  source = "./m"
  count  = 1
}
module "counted" {
  source   = "./m"
  for_each = toset(["x", "y"])
}
moved {
  from = module.old
  to   = module.new
}
moved {
  from = module.counted[0]
  to   = module.counted["x"]
}
moved {
  from = module.counted[1]
  to   = module.counted["y"]
}
