data "aws_region" "here" {
  lifecycle {
    ignore_changes  = []
    prevent_destroy = true
  }
}

ephemeral "random_password" "p" {
  length = 8

  lifecycle {
    create_before_destroy = true
  }
}
