locals { v = 2 }
resource "terraform_data" "a" { input = local.v }
resource "terraform_data" "n" {
  count = 2
  input = count.index == 1 ? local.v : 0
}
resource "terraform_data" "whole" {
  lifecycle { replace_triggered_by = [terraform_data.a] }
}
resource "terraform_data" "attribute" {
  lifecycle { replace_triggered_by = [terraform_data.a.input] }
}
resource "terraform_data" "other_attribute" {
  lifecycle { replace_triggered_by = [terraform_data.a.triggers_replace] }
}
resource "terraform_data" "instance" {
  count = 2
  lifecycle { replace_triggered_by = [terraform_data.n[count.index]] }
}
resource "terraform_data" "chained" {
  lifecycle { replace_triggered_by = [terraform_data.whole.id] }
}
