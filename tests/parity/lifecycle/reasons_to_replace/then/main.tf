resource "terraform_data" "requested" { triggers_replace = "y" }
resource "terraform_data" "tainted" { triggers_replace = "y" }
resource "terraform_data" "triggered" {
  triggers_replace = "y"
  lifecycle { replace_triggered_by = [terraform_data.trigger] }
}
resource "terraform_data" "trigger" { input = "y" }
