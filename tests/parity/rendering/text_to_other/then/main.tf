resource "terraform_data" "a" { input = "one" }
resource "terraform_data" "b" { input = "one\ntwo\n" }
resource "terraform_data" "c" { input = { a = "x" } }
resource "terraform_data" "d" { input = { a = "one\nthree", b = ["x\nz"] } }
resource "terraform_data" "e" { input = "no newline at end\nx\n" }
resource "terraform_data" "f" { input = "${"a"}$${c} %%{c} \" \\ \t" }
