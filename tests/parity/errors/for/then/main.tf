output "a" { value = { for x in ["a", "a"] : x => 1 } }
output "b" { value = [for x in 5 : x] }
output "c" { value = [for x in ["a"] : x if "maybe"] }
output "d" { value = [for x in null : x] }
