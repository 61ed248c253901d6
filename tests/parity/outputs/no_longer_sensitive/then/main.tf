output "same" { value = "x" }
output "other" { value = "y" }
