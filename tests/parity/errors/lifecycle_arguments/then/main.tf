resource "terraform_data" "a" {
  lifecycle {
    create_before_destroy = "maybe"
    prevent_destroy       = terraform_data.b.id
    unknown               = 1
  }
}
