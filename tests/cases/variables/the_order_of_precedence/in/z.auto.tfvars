a = "z"
