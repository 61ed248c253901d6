resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  input = 5
  lifecycle {
    precondition {
      condition     = terraform_data.a.output == 2
      error_message = "before ${terraform_data.a.output}"
    }
  }
}
resource "terraform_data" "c" { input = terraform_data.b.id }
resource "terraform_data" "d" { input = 5 }
output "o" { value = terraform_data.d.input }
