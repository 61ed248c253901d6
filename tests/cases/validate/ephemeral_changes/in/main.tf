# What is recorded nowhere is not imported, moved or forgotten.
ephemeral "random_password" "r" {
  length = 5
}

import {
  to = ephemeral.random_password.r
  id = "none"
}

moved {
  from = ephemeral.random_password.q
  to   = ephemeral.random_password.r
}

removed {
  from = ephemeral.random_password.q
}
