resource "terraform_data" "key" {
  for_each = fileset(path.module, "./keys/*.json")
}
output "found" {
  value = [
    fileset("${path.module}/keys/deep", "../*.json"),
    fileset("${path.module}/keys/deep", "../deep/*"),
    fileset(path.module, "keys//*.json"),
    fileset(path.module, "**/*.json"),
    fileset(path.module, "keys/**.json"),
    fileset(path.module, "keys/**"),
    fileset(path.module, "keys/{one,two}.json"),
    fileset(path.module, "keys/[!o]*.json"),
    fileset(path.module, "keys/[^o]*.json"),
    fileset(path.module, "a[!x]*"),
    fileset("nowhere", "*"),
    fileset("keys/one.json", "*"),
    fileset(path.module, ""),
    can(fileset(path.module, "{keys,linked/deep}/*.json")),
    can(fileset(path.module, "[")),
  ]
}
