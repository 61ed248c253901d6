a = "f"
