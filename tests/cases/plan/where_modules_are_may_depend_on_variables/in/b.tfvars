base = "./modules"
