# A policy document from its parts. Nothing is called.

data "aws_iam_policy_document" {
  about = "Writes an IAM policy document, such as a key policy, as JSON."

  argument "policy_id" {
    about = "The id of the document."
    type  = string
  }

  argument "version" {
    about   = "The version of the policy language."
    type    = string
    default = "2012-10-17"
    one_of  = ["2008-10-17", "2012-10-17"]
  }

  argument "source_policy_documents" {
    about = "Documents to start from. Their statements have ids of their own."
    type  = list(string)
  }

  argument "override_policy_documents" {
    about = "Documents whose statements replace those with the same id."
    type  = list(string)
  }

  argument "source_json" {
    about      = "Must be empty."
    type       = string
    deprecated = "Use source_policy_documents instead."
    length     = [0, 0]
  }

  argument "override_json" {
    about      = "Must be empty."
    type       = string
    deprecated = "Use override_policy_documents instead."
    length     = [0, 0]
  }

  block "statement" {
    about   = "One statement."
    nesting = "list"

    argument "sid" {
      about = "The id of the statement."
      type  = string
    }

    argument "effect" {
      about   = "Whether it allows or denies."
      type    = string
      default = "Allow"
      one_of  = ["Allow", "Deny"]
    }

    argument "actions" {
      about = "The actions it is about."
      type  = set(string)
    }

    argument "not_actions" {
      about = "All actions but these."
      type  = set(string)
    }

    argument "resources" {
      about = "The resources it is about."
      type  = set(string)
    }

    argument "not_resources" {
      about = "All resources but these."
      type  = set(string)
    }

    block "principals" {
      about   = "Whom it is about."
      nesting = "set"

      argument "type" {
        about    = "AWS, Service, Federated, CanonicalUser or *."
        type     = string
        required = true
      }

      argument "identifiers" {
        about    = "Who."
        type     = set(string)
        required = true
      }
    }

    block "not_principals" {
      about   = "All but these."
      nesting = "set"

      argument "type" {
        about    = "AWS, Service, Federated, CanonicalUser or *."
        type     = string
        required = true
      }

      argument "identifiers" {
        about    = "Who."
        type     = set(string)
        required = true
      }
    }

    block "condition" {
      about   = "When it applies."
      nesting = "set"

      argument "test" {
        about    = "The operator: StringEquals, ArnLike, Bool."
        type     = string
        required = true
      }

      argument "variable" {
        about    = "What is compared: aws:SourceAccount."
        type     = string
        required = true
      }

      argument "values" {
        about    = "With what; any of them."
        type     = list(string)
        required = true
      }
    }
  }

  attribute "json" {
    about = "The document with indents."
    type  = string
    read  = native::aws_iam_policy_document(self).json
  }

  attribute "minified_json" {
    about = "The document without spaces."
    type  = string
    read  = native::aws_iam_policy_document(self).minified_json
  }

  read {
    id = native::aws_iam_policy_document(self).id
  }
}
