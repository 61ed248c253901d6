# A list of names, for other programs.

resource "local_file" "names" {
  filename = "${path.module}/names/keys.json"
  content  = jsonencode({ names = ["orders", "invoices"] })

  file_permission      = "0644"
  directory_permission = "0755"
}
