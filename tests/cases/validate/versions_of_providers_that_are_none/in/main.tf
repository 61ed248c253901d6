terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "latest"
    }
    random = "v3.1"
    null = {
      version = "~> 3.1.2.0"
    }
  }
}
