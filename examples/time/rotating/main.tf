# A name that changes every 30 days.

resource "time_rotating" "month" {
  rotation_days = 30
}

output "name" {
  value = "orders-${time_rotating.month.unix}"
}
