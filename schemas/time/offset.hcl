# time_offset: a point in time some way before or after another one.

resource "time_offset" {
  service = "machine"
  about   = "A point in time some way after another one, or before it. The days, hours, minutes, months, seconds and years are added in this order."

  include "triggers" {}

  argument "base_rfc3339" {
    about     = "What it is counted from, as RFC 3339; the time of the creation when it is not given."
    type      = string
    computed  = true
    force_new = true
    format    = "rfc3339"
    read      = id

    # The clock shows the time of the creation only then.
    plan = prior == null ? timestamp() : prior.base_rfc3339
  }

  argument "offset_days" {
    about = "How many days later."
    type  = number
  }

  argument "offset_hours" {
    about = "How many hours later."
    type  = number
  }

  argument "offset_minutes" {
    about = "How many minutes later."
    type  = number
  }

  argument "offset_months" {
    about = "How many months later. A day that the month does not have goes over into the next one."
    type  = number
  }

  argument "offset_seconds" {
    about = "How many seconds later."
    type  = number
  }

  argument "offset_years" {
    about = "How many years later."
    type  = number
  }

  attribute "rfc3339" {
    about = "The point in time, as RFC 3339."
    type  = string
    plan  = native::time_offset(self.base_rfc3339, { days = self.offset_days, hours = self.offset_hours, minutes = self.offset_minutes, months = self.offset_months, seconds = self.offset_seconds, years = self.offset_years })
    read  = native::time_offset(id, { days = self.offset_days, hours = self.offset_hours, minutes = self.offset_minutes, months = self.offset_months, seconds = self.offset_seconds, years = self.offset_years })
  }

  include "parts" {
    time    = native::time_offset(id, { days = self.offset_days, hours = self.offset_hours, minutes = self.offset_minutes, months = self.offset_months, seconds = self.offset_seconds, years = self.offset_years })
    planned = native::time_offset(self.base_rfc3339, { days = self.offset_days, hours = self.offset_hours, minutes = self.offset_minutes, months = self.offset_months, seconds = self.offset_seconds, years = self.offset_years })
  }

  rule {
    holds   = self.offset_days != null || self.offset_hours != null || self.offset_minutes != null || self.offset_months != null || self.offset_seconds != null || self.offset_years != null
    message = "One of offset_days, offset_hours, offset_minutes, offset_months, offset_seconds and offset_years must be set."
  }

  create {
    repeatable = true
    call "Now" { as = "now" }
    id = or(self.base_rfc3339, now.Time)
  }

  read {}

  update "offset" {
    on = ["offset_days", "offset_hours", "offset_minutes", "offset_months", "offset_seconds", "offset_years"]
  }

  import {
    match   = "^(?P<id>[^,]+),(?P<offset_years>-?[0-9]*),(?P<offset_months>-?[0-9]*),(?P<offset_days>-?[0-9]*),(?P<offset_hours>-?[0-9]*),(?P<offset_minutes>-?[0-9]*),(?P<offset_seconds>-?[0-9]*)$"
    example = "2020-02-12T06:36:13Z,0,0,7,0,0,0"
  }
}
