resource "terraform_data" "a" {}
resource "terraform_data" "b" { count = terraform_data.a.id == null ? 0 : 1 }
resource "terraform_data" "c" { count = upper(terraform_data.a.id) != null ? 1 : 0 }
resource "terraform_data" "d" { count = coalesce(terraform_data.a.id, "x") != null ? 1 : 0 }
resource "terraform_data" "e" { count = startswith("ab-${terraform_data.a.id}", "ab-") ? 1 : 0 }
resource "terraform_data" "f" { count = startswith("ab-${terraform_data.a.id}", "b") ? 1 : 0 }
