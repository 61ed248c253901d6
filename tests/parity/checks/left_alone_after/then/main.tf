resource "terraform_data" "a" { input = 6 }
resource "terraform_data" "b" {
  input = 5
  lifecycle {
    postcondition {
      condition     = self.output > terraform_data.a.output
      error_message = "${self.output} and ${terraform_data.a.output}"
    }
  }
}
resource "terraform_data" "c" {
  input = 5
  lifecycle {
    postcondition {
      condition     = self.output < terraform_data.a.output
      error_message = "${self.output} and ${terraform_data.a.output}"
    }
  }
}
