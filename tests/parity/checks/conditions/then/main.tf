variable "v" {
  default = 5
  validation {
    condition     = var.v < 10
    error_message = "too big"
  }
}
resource "terraform_data" "i" {
  count = 2
  input = var.v
  lifecycle {
    precondition {
      condition     = var.v == 5
      error_message = "not five"
    }
    postcondition {
      condition     = self.input == 5
      error_message = "post"
    }
  }
}
check "fails" {
  assert {
    condition     = terraform_data.i[0].input == 6
    error_message = "is ${terraform_data.i[0].input}"
  }
  assert {
    condition     = var.v == 5
    error_message = "fine"
  }
}
check "passes" {
  assert {
    condition     = var.v == 5
    error_message = "fine"
  }
}
check "later" {
  assert {
    condition     = terraform_data.i[1].output == 5
    error_message = "fine"
  }
}
module "m" {
  source   = "./m"
  for_each = toset(["a", "b"])
  v        = 1
}
