resource "terraform_data" "index" {
  lifecycle {
    enabled = count.index == 0
  }
}

resource "terraform_data" "itself" {
  lifecycle {
    enabled = terraform_data.itself.id != ""
  }
}
