resource "terraform_data" "json" { input = jsonencode({ Version = "1", Statement = [{ Action = ["kms:Encrypt", "kms:Decrypt"], Effect = "Allow" }] }) }
resource "terraform_data" "text" { input = "line1\nline2\nline3\nline4\n" }
resource "terraform_data" "list" { input = ["a", "b", "c", "d", "e", "f", "g"] }
resource "terraform_data" "typed" { input = tolist(["a", "b", "c", "d", "e", "f", "g"]) }
resource "terraform_data" "map" { input = tomap({ k1 = "v1", k2 = "v2" }) }
resource "terraform_data" "set" { input = toset(["a", "b"]) }
resource "terraform_data" "objects" { input = [{ a = 1, b = 2 }, { a = 3, b = 4 }] }
resource "terraform_data" "deep" { input = { a = { b = { c = [1, 2, { d = 3 }] } }, long_name = 1, "with space" = 2 } }
resource "terraform_data" "type" { input = 1 }
resource "terraform_data" "null" { input = null }
resource "terraform_data" "drop" { input = "x" }
resource "terraform_data" "bool" { input = true }
resource "terraform_data" "number" { input = 1.50 }
resource "terraform_data" "whitespace" { input = jsonencode({ a = 1 }) }
resource "terraform_data" "jsonarray" { input = jsonencode([1, 2, 3]) }
resource "terraform_data" "nojson" { input = "[1, 2" }
