variable "o" { type = object({ a = number, b = list(string) }) }
output "o" { value = var.o }
