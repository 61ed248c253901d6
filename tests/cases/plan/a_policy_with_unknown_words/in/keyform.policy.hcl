deletoin {
  window_floor = 30
}

in_use {
  day = 30
}

require {
  on_destroy = "schedule"
}
