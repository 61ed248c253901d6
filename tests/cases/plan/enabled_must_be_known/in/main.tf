variable "secret" {
  default   = true
  sensitive = true
}

variable "passing" {
  default   = true
  ephemeral = true
}

resource "terraform_data" "known" {
  input = true
}

resource "terraform_data" "unknown" {
  lifecycle {
    enabled = terraform_data.known.output
  }
}

resource "terraform_data" "sensitive" {
  lifecycle {
    enabled = var.secret
  }
}

resource "terraform_data" "ephemeral" {
  lifecycle {
    enabled = var.passing
  }
}

resource "terraform_data" "null" {
  lifecycle {
    enabled = null
  }
}

resource "terraform_data" "number" {
  lifecycle {
    enabled = 3
  }
}

resource "terraform_data" "off" {
  lifecycle {
    enabled = false
  }
}

output "off" {
  value = terraform_data.off.id
}
