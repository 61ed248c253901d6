# A moment between a policy and those who need it.

resource "terraform_data" "policy" {
  input = "allow"
}

resource "time_sleep" "settled" {
  create_duration = "10ms"

  triggers = {
    policy = terraform_data.policy.output
  }
}

resource "terraform_data" "user" {
  input = time_sleep.settled.id
}
