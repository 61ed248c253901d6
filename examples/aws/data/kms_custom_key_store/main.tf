# A custom key store that somebody else manages.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_custom_key_store" "a" {
  cloud_hsm_cluster_id     = "cluster-2b3c4d5e6f7"
  custom_key_store_name    = "cluster"
  key_store_password       = "noplaintextpasswords1"
  trust_anchor_certificate = "certificate"
}

data "aws_kms_custom_key_store" "a" {
  custom_key_store_name = aws_kms_custom_key_store.a.custom_key_store_name
}

output "state" {
  value = data.aws_kms_custom_key_store.a.connection_state
}
