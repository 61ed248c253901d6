# null_resource: does nothing; provisioners and triggers hang on it.

resource "null_resource" {
  about = "Does nothing, and is replaced when its triggers change. terraform_data does the same and more."

  argument "triggers" {
    about     = "Values whose change replaces the instance."
    type      = map(string)
    force_new = true
  }

  create {
    once = { number = native::random_number() }
    id   = number
  }
}
