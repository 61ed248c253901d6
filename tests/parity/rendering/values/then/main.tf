resource "terraform_data" "json" { input = jsonencode({ Version = "2", Statement = [{ Action = ["kms:Encrypt", "kms:ReEncrypt*"], Effect = "Allow" }] }) }
resource "terraform_data" "text" { input = "line1\nline2 changed\nline3\nline4\nline5\n" }
resource "terraform_data" "list" { input = ["a", "x", "c", "d", "e", "g", "h"] }
resource "terraform_data" "typed" { input = tolist(["a", "c", "d", "e", "x", "f", "g"]) }
resource "terraform_data" "map" { input = tomap({ k1 = "v1", k2 = "v2b", k3 = "n" }) }
resource "terraform_data" "set" { input = toset(["a", "c"]) }
resource "terraform_data" "objects" { input = [{ a = 1, b = 3 }, { a = 3, b = 4 }, { a = 5, b = 6 }] }
resource "terraform_data" "deep" { input = { a = { b = { c = [1, 2, { d = 4 }] } }, long_name = 1, new = null } }
resource "terraform_data" "type" { input = "1" }
resource "terraform_data" "null" { input = { a = null, b = 1 } }
resource "terraform_data" "drop" {}
resource "terraform_data" "bool" { input = false }
resource "terraform_data" "number" { input = 12345678901234567890.5 }
resource "terraform_data" "whitespace" { input = "{ \"a\": 1 }" }
resource "terraform_data" "jsonarray" { input = jsonencode([1, 3]) }
resource "terraform_data" "nojson" { input = "[1, 3" }
