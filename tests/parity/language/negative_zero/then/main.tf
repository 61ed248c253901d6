output "zero" { value = -0.0 }
