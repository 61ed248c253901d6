# The day on which a key was made, for its description.

resource "time_static" "made" {
  triggers = {
    key = "orders"
  }
}

output "day" {
  value = formatdate("YYYY-MM-DD", time_static.made.rfc3339)
}
