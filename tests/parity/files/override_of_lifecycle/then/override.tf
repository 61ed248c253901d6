resource "terraform_data" "a" {
  lifecycle {
    ignore_changes = []
  }
}
resource "terraform_data" "c" {
  lifecycle {
    replace_triggered_by = [terraform_data.b]
  }
}
