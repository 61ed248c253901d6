output "a" { value = "x ${[1]}" }
output "b" { value = "x ${null}" }
