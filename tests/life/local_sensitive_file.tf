resource "local_file" "s" {
  filename = "source"
  content  = "four"
}

resource "local_sensitive_file" "a" {
  filename = "a"
  content  = "one"
}

#### content: replace
content = "two"

#### base64: replace
content = null
content_base64 = "dGhyZWU="

#### source: replace
content_base64 = null
source = local_file.s.filename

#### permissions: replace kept
file_permission = "0640"

#### permissions of folders: replace kept
directory_permission = "0750"

#### place: replace
filename = "b/c"
