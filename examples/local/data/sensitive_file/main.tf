# A secret that another program has written down.

data "local_sensitive_file" "token" {
  filename = "${path.module}/main.tf"
}

output "token" {
  value     = data.local_sensitive_file.token.content
  sensitive = true
}
