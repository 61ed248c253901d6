resource "terraform_data" "a" { input = "one\ntwo\n" }
resource "terraform_data" "b" { input = "one" }
resource "terraform_data" "c" { input = ["x"] }
resource "terraform_data" "d" { input = { a = "one\ntwo", b = ["x\ny"] } }
resource "terraform_data" "e" { input = "no newline at end\nx" }
resource "terraform_data" "f" { input = "${"a"}$${b} %%{c} \" \\ \t" }
