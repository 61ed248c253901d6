resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  count = 2
  input = terraform_data.a.output
  lifecycle {
    precondition {
      condition     = terraform_data.a.output == 1
      error_message = "before"
    }
    postcondition {
      condition     = self.output == 2
      error_message = "after ${self.output}"
    }
  }
}
resource "terraform_data" "c" { input = terraform_data.b[0].id }
output "o" {
  value = terraform_data.a.id
  precondition {
    condition     = length(terraform_data.a.id) > 3
    error_message = "short"
  }
}
