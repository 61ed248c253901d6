# Key material that is to be replaced a year after it was imported.

resource "time_offset" "expiry" {
  base_rfc3339 = "2026-02-28T12:00:00Z"
  offset_years = 1
  offset_days  = -1
}

output "valid_to" {
  value = time_offset.expiry.rfc3339
}
