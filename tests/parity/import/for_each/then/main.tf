locals { ids = { a = "id-a", b = "id-b" } }
import {
  for_each = local.ids
  to       = terraform_data.i[each.key]
  id       = each.value
}
resource "terraform_data" "i" { for_each = local.ids }
