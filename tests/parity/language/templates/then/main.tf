locals {
  names = ["a", "b", "ünï", "漢字"]
  plain = <<EOT
first
  second ${local.names[0]}
EOT
  indented = <<-EOT
    first
      second $${not} %%{here}
    %{ for n in local.names ~}
    - ${n}
    %{ endfor ~}
    %{ if length(local.names) > 2 }many%{ else }few%{ endif }
  EOT
}
output "plain" { value = local.plain }
output "indented" { value = local.indented }
output "escapes" { value = "tab\there \"q\" \\ nl\nx \u00e9 \U0001F600" }
output "trimmed" { value = "a\n\n  ${~ 1 ~}\n\n  b" }
output "directive" { value = "%{ for i, n in local.names }${i}=${n},%{ endfor }" }
resource "terraform_data" "t" {
  input = { text = local.indented, html = "<a> & </a>", quote = "\"x\"" }
}
resource "terraform_data" "multi" {
  input            = "one\ntwo\n"
  triggers_replace = local.plain
}
