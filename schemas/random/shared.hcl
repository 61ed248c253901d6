# Pieces that several types include by name.

# What a random value keeps to.
shared "keepers" {
  argument "keepers" {
    about     = "Values whose change makes a new random value."
    type      = map(string)
    force_new = true
  }
}

# Which characters a random text has. A change makes a new text.
shared "characters" {
  argument "length" {
    about     = "How many characters the text has."
    type      = number
    required  = true
    force_new = true
    range     = [1, 1048576]
    read      = with.length
  }

  argument "upper" {
    about     = "Whether it may have upper case letters."
    type      = bool
    default   = true
    force_new = true
  }

  argument "lower" {
    about     = "Whether it may have lower case letters."
    type      = bool
    default   = true
    force_new = true
  }

  argument "numeric" {
    about     = "Whether it may have digits."
    type      = bool
    default   = true
    force_new = true
  }

  argument "special" {
    about     = "Whether it may have special characters."
    type      = bool
    default   = true
    force_new = true
  }

  argument "override_special" {
    about     = "The special characters, in the place of !@#$%&*()-_=+[]{}<>:?"
    type      = string
    force_new = true
  }

  argument "min_upper" {
    about     = "How many upper case letters it has at least."
    type      = number
    default   = 0
    force_new = true
    range     = [0, 1048576]
  }

  argument "min_lower" {
    about     = "How many lower case letters it has at least."
    type      = number
    default   = 0
    force_new = true
    range     = [0, 1048576]
  }

  argument "min_numeric" {
    about     = "How many digits it has at least."
    type      = number
    default   = 0
    force_new = true
    range     = [0, 1048576]
  }

  argument "min_special" {
    about     = "How many special characters it has at least."
    type      = number
    default   = 0
    force_new = true
    range     = [0, 1048576]
  }

  rule {
    holds   = self.length >= self.min_upper + self.min_lower + self.min_numeric + self.min_special
    message = "The length must be at least the sum of min_upper, min_lower, min_numeric and min_special, which is ${self.min_upper + self.min_lower + self.min_numeric + self.min_special}."
  }

  rule {
    holds   = self.upper || self.lower || self.numeric || self.special || self.length == self.min_upper + self.min_lower + self.min_numeric + self.min_special
    message = "No kind of character is allowed: one of upper, lower, numeric and special must be true."
  }
}

# The older name of numeric.
shared "number" {
  argument "number" {
    about      = "The older name of numeric."
    type       = bool
    alias_of   = "numeric"
    deprecated = "Use numeric instead."
  }
}
