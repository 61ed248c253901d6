resource "time_static" "a" {
}

#### another point: replace kept
rfc3339 = "2026-01-31T10:00:00+01:00"

#### trigger: replace kept
triggers = { a = "b" }
