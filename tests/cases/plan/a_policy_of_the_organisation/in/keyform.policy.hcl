deletion {
  window_floor = 30
}

require {
  rotation   = true
  on_destroy = "disable"
}

forbid {
  bypass_policy_lockout_safety_check = true
}
