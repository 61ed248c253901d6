locals { é = 1 }
resource "terraform_data" "ключ" {
  for_each = toset(["ü", "日本", "a b", "q\"q", "x.y[0]"])
  input    = "${each.key} ☃ \u2028"
}
output "ключи" { value = keys(terraform_data.ключ) }
