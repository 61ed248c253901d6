# Keys in an AWS CloudHSM cluster, and keys in an external key manager. The passwords come from variables in earnest.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_custom_key_store" "external" {
  custom_key_store_name  = "external"
  custom_key_store_type  = "EXTERNAL_KEY_STORE"
  xks_proxy_connectivity = "PUBLIC_ENDPOINT"
  xks_proxy_uri_endpoint = "https://keys.example.com"
  xks_proxy_uri_path     = "/example/kms/xks/v1"

  xks_proxy_authentication_credential {
    access_key_id         = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    raw_secret_access_key = "0123456789abcdef0123456789abcdef0123456789abcdef"
  }
}

resource "aws_kms_custom_key_store" "cluster" {
  cloud_hsm_cluster_id  = "cluster-2b3c4d5e6f7"
  custom_key_store_name = "cluster"
  key_store_password    = "noplaintextpasswords1"

  trust_anchor_certificate = <<-EOT
    -----BEGIN CERTIFICATE-----
    MIIBszCCAVmgAwIBAgIUQm9n
    -----END CERTIFICATE-----
  EOT
}
