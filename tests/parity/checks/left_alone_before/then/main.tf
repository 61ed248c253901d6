resource "terraform_data" "a" { input = "bad" }
resource "terraform_data" "b" {
  input = 5
  lifecycle {
    precondition {
      condition     = terraform_data.a.output == "good"
      error_message = "a is ${terraform_data.a.output}"
    }
  }
}
resource "terraform_data" "c" {
  input = 5
  lifecycle {
    precondition {
      condition     = terraform_data.a.output == "bad"
      error_message = "a is ${terraform_data.a.output}"
    }
  }
}
resource "terraform_data" "d" { input = terraform_data.b.output }
