resource "terraform_data" "a" {
  lifecycle {
    prevent_destroy = terraform_data.b.output
  }
}

resource "terraform_data" "b" {
  lifecycle {
    prevent_destroy = "yes"
  }
}

resource "terraform_data" "c" {
  lifecycle {
    prevent_destroy = var.nothing
  }
}
