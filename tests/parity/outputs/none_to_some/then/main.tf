output "null" { value = null }
output "empty" { value = "" }
output "multi" { value = "a\nb\n" }
output "deep" { value = { l = [{ a = 1 }, { a = 2 }], m = { x = null } } }
