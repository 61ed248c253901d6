removed {
  from = terraform_data.k
  lifecycle { destroy = false }
}
