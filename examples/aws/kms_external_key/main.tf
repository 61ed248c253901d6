# A key whose material was made elsewhere and expires. A secret like this comes from a variable in earnest.

provider "aws" {
  region = "eu-west-1"
}

locals {
  # 32 bytes, in base64.
  material = base64encode("0123456789abcdef0123456789abcdef")
}

# Without material the key waits until somebody imports it.
resource "aws_kms_external_key" "waiting" {
  description             = "Waits for its material"
  deletion_window_in_days = 7
}

resource "aws_kms_external_key" "a" {
  description             = "Brought from elsewhere"
  enabled                 = true
  deletion_window_in_days = 7
  key_material_base64     = local.material
  tags                    = { purpose = "data at rest" }
}
