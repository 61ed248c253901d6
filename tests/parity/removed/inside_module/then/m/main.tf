resource "terraform_data" "stays" { input = 1 }
removed {
  from = terraform_data.kept
  lifecycle { destroy = false }
}
removed {
  from = terraform_data.gone
  lifecycle { destroy = true }
}
