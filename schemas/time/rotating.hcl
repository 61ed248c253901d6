# time_rotating: a point in time that is made anew when it is so old.

resource "time_rotating" {
  service = "machine"
  about   = "A point in time that is replaced by a new one when its time has come."

  include "triggers" {}

  argument "rfc3339" {
    about     = "What it is counted from, as RFC 3339; the time of the creation when it is not given."
    type      = string
    computed  = true
    force_new = true
    format    = "rfc3339"
    read      = id

    # The clock shows the time of the creation only then.
    plan = prior == null ? timestamp() : prior.rfc3339
  }

  argument "rotation_days" {
    about = "How many days it lasts."
    type  = number
    range = [1, 1000000]
  }

  argument "rotation_hours" {
    about = "How many hours it lasts."
    type  = number
    range = [1, 1000000]
  }

  argument "rotation_minutes" {
    about = "How many minutes it lasts."
    type  = number
    range = [1, 1000000]
  }

  argument "rotation_months" {
    about = "How many months it lasts."
    type  = number
    range = [1, 10000]
  }

  argument "rotation_years" {
    about = "How many years it lasts."
    type  = number
    range = [1, 1000]
  }

  argument "rotation_rfc3339" {
    about    = "When it is replaced, as RFC 3339."
    type     = string
    computed = true
    format   = "rfc3339"
    read     = self.rotation_rfc3339 != null ? self.rotation_rfc3339 : native::time_offset(id, { days = self.rotation_days, hours = self.rotation_hours, minutes = self.rotation_minutes, months = self.rotation_months, years = self.rotation_years })
    plan     = native::time_offset(self.rfc3339, { days = self.rotation_days, hours = self.rotation_hours, minutes = self.rotation_minutes, months = self.rotation_months, years = self.rotation_years })
  }

  include "parts" {
    time    = id
    planned = self.rfc3339
  }

  rule {
    holds   = self.rotation_rfc3339 != null || self.rotation_days != null || self.rotation_hours != null || self.rotation_minutes != null || self.rotation_months != null || self.rotation_years != null
    message = "One of rotation_days, rotation_hours, rotation_minutes, rotation_months, rotation_years and rotation_rfc3339 must be set."
  }

  create {
    repeatable = true
    call "Now" { as = "now" }
    id = or(self.rfc3339, now.Time)
  }

  read {
    call "Now" {
      as      = "now"
      expects = reply.Time
    }

    gone = self.rotation_rfc3339 != null && timecmp(now.Time, self.rotation_rfc3339) > 0
  }

  update "rotation" {
    on = ["rotation_days", "rotation_hours", "rotation_minutes", "rotation_months", "rotation_years", "rotation_rfc3339"]
  }

  import {
    match   = "^(?P<id>[^,]+),(?:(?P<rotation_rfc3339>[0-9]{4}-[^,]+)|(?P<rotation_years>[0-9]*),(?P<rotation_months>[0-9]*),(?P<rotation_days>[0-9]*),(?P<rotation_hours>[0-9]*),(?P<rotation_minutes>[0-9]*))$"
    example = "2020-02-12T06:36:13Z,0,0,30,0,0"
  }
}
