resource "terraform_data" "told" {}

resource "terraform_data" "untold" {}

output "id" { value = terraform_data.told.id }
