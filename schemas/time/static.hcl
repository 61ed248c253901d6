# time_static: a point in time that stays.

resource "time_static" {
  service = "machine"
  about   = "A point in time that stays: when it was made, or a given one."

  include "triggers" {}

  argument "rfc3339" {
    about     = "The point in time, as RFC 3339; that of the creation when it is not given."
    type      = string
    computed  = true
    force_new = true
    format    = "rfc3339"
    read      = id

    # The clock shows the time of the creation only then.
    plan = prior == null ? timestamp() : prior.rfc3339
  }

  include "parts" {
    time    = id
    planned = self.rfc3339
  }

  create {
    repeatable = true
    call "Now" { as = "now" }
    id = or(self.rfc3339, now.Time)
  }

  read {}

  import {
    match   = "^(?P<id>[0-9]{4}-[0-9]{2}-[0-9]{2}T.+)$"
    example = "2020-02-12T06:36:13Z"
  }
}
