# Texts decrypted.

data "aws_kms_secrets" {
  service = "kms"
  region  = self.region
  about   = "Texts that were encrypted with KMS keys, decrypted. They are kept in state."

  include "data_region" {}

  include "secrets" {}

  read {
    id = or(self.region, provider.region)
  }
}
