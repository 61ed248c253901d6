# Texts decrypted, and recorded nowhere.

ephemeral "aws_kms_secrets" {
  service = "kms"
  region  = self.region
  about   = "Texts that were encrypted with KMS keys, decrypted in each run anew. They are recorded nowhere."

  include "data_region" {}
  include "secrets" {}
}
