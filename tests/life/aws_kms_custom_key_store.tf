provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_custom_key_store" "a" {
  custom_key_store_name = "a"
  cloud_hsm_cluster_id = "cluster-2b3c4d5e6f7"
  key_store_password = "noplaintextpasswords1"
  trust_anchor_certificate = "certificate"
}

#### name: update
custom_key_store_name = "b"

#### password: update kept
key_store_password = "noplaintextpasswords2"

#### a password that is not kept: update kept
key_store_password = null
key_store_password_wo = "noplaintextpasswords3"
key_store_password_wo_version = "1"

#### another one: update kept
key_store_password_wo = "noplaintextpasswords4"
key_store_password_wo_version = "2"

#### the password is kept again: update kept
key_store_password_wo = null
key_store_password_wo_version = null
key_store_password = "noplaintextpasswords2"

#### cluster: replace
cloud_hsm_cluster_id = "cluster-2b3c4d5e6f6"

#### certificate: replace
trust_anchor_certificate = "another"

#### type: replace
resource "aws_kms_custom_key_store" "a" {
  custom_key_store_name = "b"
  custom_key_store_type = "EXTERNAL_KEY_STORE"
  xks_proxy_connectivity = "PUBLIC_ENDPOINT"
  xks_proxy_uri_endpoint = "https://keys.example.com"
  xks_proxy_uri_path = "/example/kms/xks/v1"
  xks_proxy_authentication_credential {
    access_key_id = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    raw_secret_access_key = "0123456789abcdef0123456789abcdef0123456789abcdef"
  }
}

#### path and endpoint: update
xks_proxy_uri_endpoint = "https://keys.example.org"
xks_proxy_uri_path = "/other/kms/xks/v1"

#### connectivity: update
xks_proxy_connectivity = "VPC_ENDPOINT_SERVICE"
xks_proxy_vpc_endpoint_service_name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"

#### credential: update kept
resource "aws_kms_custom_key_store" "a" {
  custom_key_store_name = "b"
  custom_key_store_type = "EXTERNAL_KEY_STORE"
  xks_proxy_connectivity = "VPC_ENDPOINT_SERVICE"
  xks_proxy_vpc_endpoint_service_name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
  xks_proxy_uri_endpoint = "https://keys.example.org"
  xks_proxy_uri_path = "/other/kms/xks/v1"
  xks_proxy_authentication_credential {
    access_key_id = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    raw_secret_access_key = "another0123456789abcdef0123456789abcdef0123456789"
  }
}

#### a credential that is not kept: update kept
resource "aws_kms_custom_key_store" "a" {
  custom_key_store_name = "b"
  custom_key_store_type = "EXTERNAL_KEY_STORE"
  xks_proxy_connectivity = "VPC_ENDPOINT_SERVICE"
  xks_proxy_vpc_endpoint_service_name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
  xks_proxy_uri_endpoint = "https://keys.example.org"
  xks_proxy_uri_path = "/other/kms/xks/v1"
  xks_proxy_raw_secret_access_key_wo = "notkept0123456789abcdef0123456789abcdef0123456789"
  xks_proxy_raw_secret_access_key_wo_version = "1"
  xks_proxy_authentication_credential {
    access_key_id = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
  }
}

#### another one: update kept
xks_proxy_raw_secret_access_key_wo = "secondly0123456789abcdef0123456789abcdef012345678"
xks_proxy_raw_secret_access_key_wo_version = "2"

#### region: replace
region = "eu-central-1"
