password = "hunter2
