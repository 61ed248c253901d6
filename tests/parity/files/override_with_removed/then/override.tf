removed {
  from = terraform_data.z
}
