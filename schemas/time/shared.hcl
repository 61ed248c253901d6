# Pieces that several types include by name.

# What a point in time keeps to.
shared "triggers" {
  argument "triggers" {
    about     = "Values whose change makes a new point in time."
    type      = map(string)
    force_new = true
  }
}

# The parts of a point in time, in the zone it is written in.
shared "parts" {
  attribute "unix" {
    about = "The seconds since 1970."
    type  = number
    plan  = native::seconds_of(with.planned)
    read  = native::seconds_of(with.time)
  }

  attribute "year" {
    about = "The year."
    type  = number
    plan  = with.planned == null ? null : tonumber(formatdate("YYYY", with.planned))
    read  = tonumber(formatdate("YYYY", with.time))
  }

  attribute "month" {
    about = "The month of the year, from 1."
    type  = number
    plan  = with.planned == null ? null : tonumber(formatdate("M", with.planned))
    read  = tonumber(formatdate("M", with.time))
  }

  attribute "day" {
    about = "The day of the month, from 1."
    type  = number
    plan  = with.planned == null ? null : tonumber(formatdate("D", with.planned))
    read  = tonumber(formatdate("D", with.time))
  }

  attribute "hour" {
    about = "The hour of the day, from 0."
    type  = number
    plan  = with.planned == null ? null : tonumber(formatdate("h", with.planned))
    read  = tonumber(formatdate("h", with.time))
  }

  attribute "minute" {
    about = "The minute of the hour, from 0."
    type  = number
    plan  = with.planned == null ? null : tonumber(formatdate("m", with.planned))
    read  = tonumber(formatdate("m", with.time))
  }

  attribute "second" {
    about = "The second of the minute, from 0."
    type  = number
    plan  = with.planned == null ? null : tonumber(formatdate("s", with.planned))
    read  = tonumber(formatdate("s", with.time))
  }
}
