resource "terraform_data" "new" { input = 1 }
resource "terraform_data" "grows" {
  count = 2
  input = count.index
}
resource "terraform_data" "leaves" {
  count = 1
  input = count.index
}
resource "terraform_data" "k" {
  lifecycle { replace_triggered_by = [terraform_data.new] }
}
resource "terraform_data" "l" {
  lifecycle { replace_triggered_by = [terraform_data.new.input] }
}
resource "terraform_data" "m" {
  lifecycle { replace_triggered_by = [terraform_data.grows] }
}
resource "terraform_data" "n" {
  lifecycle { replace_triggered_by = [terraform_data.leaves] }
}
