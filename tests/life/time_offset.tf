resource "time_offset" "a" {
  offset_days = 1
}

#### days: update kept
offset_days = -2

#### hours: update kept
offset_hours = 3

#### minutes: update kept
offset_minutes = 4

#### months: update kept
offset_months = -5

#### seconds: update kept
offset_seconds = 6

#### years: update kept
offset_years = 7

#### base: replace kept
base_rfc3339 = "2026-01-31T10:00:00+01:00"

#### no years: update kept
offset_years = null
