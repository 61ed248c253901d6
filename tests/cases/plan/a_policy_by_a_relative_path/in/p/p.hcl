deletion {}
