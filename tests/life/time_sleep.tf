resource "time_sleep" "a" {
  create_duration = "1ms"
}

#### creation: update kept
create_duration = "2ms"

#### destruction: update kept
destroy_duration = "1ms"

#### no creation: update kept
create_duration = null

#### trigger: replace kept
triggers = { a = "b" }
