d = "2.auto"
e = "2.auto"