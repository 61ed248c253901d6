resource "time_rotating" "a" {
  rotation_days = 1
}

#### days: update kept
rotation_days = 2

#### hours: update kept
rotation_hours = 3

#### minutes: update kept
rotation_minutes = 4

#### months: update kept
rotation_months = 5

#### years: update kept
rotation_years = 6

#### a time: update kept
rotation_rfc3339 = "2998-01-31T10:00:00Z"

#### base: replace kept
rfc3339 = "2997-01-31T10:00:00+01:00"
