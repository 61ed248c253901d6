# time_sleep: lets time pass before what depends on it goes on.

resource "time_sleep" {
  service = "machine"
  about   = "Lets time pass: when it is made, before what depends on it is made; when it goes, after that is gone."

  include "triggers" {}

  argument "create_duration" {
    about   = "How long its creation takes: a number with the unit ms, s, m or h."
    type    = string
    pattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$"
  }

  argument "destroy_duration" {
    about   = "How long its destruction takes: a number with the unit ms, s, m or h."
    type    = string
    pattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$"
  }

  rule {
    holds   = self.create_duration != null || self.destroy_duration != null
    message = "One of create_duration and destroy_duration must be set."
  }

  create {
    repeatable = true

    call "Sleep" {
      when   = self.create_duration != null
      params = { Seconds = native::duration_seconds(self.create_duration) }
    }

    call "Now" { as = "now" }
    id = now.Time
  }

  import {
    match   = "^(?P<id>(?P<create_duration>[0-9]+(?:[.][0-9]+)?(?:ms|s|m|h))?,(?P<destroy_duration>[0-9]+(?:[.][0-9]+)?(?:ms|s|m|h))?)$"
    example = "30s,"
    gives   = { id = now.Time }
  }

  read {
    call "Now" {
      as      = "now"
      expects = reply.Time
    }
  }

  update "durations" {
    on = ["create_duration", "destroy_duration"]
  }

  delete {
    call "Sleep" {
      when   = self.destroy_duration != null
      params = { Seconds = native::duration_seconds(self.destroy_duration) }
    }
  }
}
