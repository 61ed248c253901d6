# aws_kms_custom_key_store: keys that are kept outside KMS.

resource "aws_kms_custom_key_store" {
  service = "kms"
  about   = "A custom key store: an AWS CloudHSM cluster or an external key manager that holds the material of keys. It is neither connected nor disconnected, but for being deleted."

  argument "custom_key_store_name" {
    about    = "The name."
    type     = string
    required = true
    length   = [1, 256]
    read     = store.CustomKeyStoreName
  }

  argument "custom_key_store_type" {
    about     = "AWS_CLOUDHSM, which is what it is when left out, or EXTERNAL_KEY_STORE."
    type      = string
    computed  = true
    force_new = true
    one_of    = ["AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"]
    read      = or(store.CustomKeyStoreType, "AWS_CLOUDHSM")
  }

  argument "cloud_hsm_cluster_id" {
    about     = "The cluster of an AWS_CLOUDHSM store."
    type      = string
    force_new = true
    length    = [19, 24]
    pattern   = "^cluster-[2-7a-zA-Z]{11,16}$"
    read      = store.CloudHsmClusterId
  }

  argument "key_store_password" {
    about     = "The password of the user kmsuser in the cluster."
    type      = string
    sensitive = true
    length    = [7, 32]
  }

  argument "key_store_password_wo" {
    about      = "The password, as in key_store_password. It is not kept in state; change key_store_password_wo_version to tell it anew."
    type       = string
    sensitive  = true
    write_only = true
    length     = [7, 32]
    needs      = ["key_store_password_wo_version"]
    conflicts  = ["key_store_password"]
  }

  argument "key_store_password_wo_version" {
    about = "Any text; when it changes, KMS is told key_store_password_wo."
    type  = string
    needs = ["key_store_password_wo"]
  }

  argument "trust_anchor_certificate" {
    about     = "The certificate of the cluster's certificate authority."
    type      = string
    force_new = true
    length    = [1, 5000]
    read      = store.TrustAnchorCertificate
  }

  argument "xks_proxy_connectivity" {
    about  = "How the proxy of an external key manager is reached."
    type   = string
    one_of = ["PUBLIC_ENDPOINT", "VPC_ENDPOINT_SERVICE"]
    read   = store.XksProxyConfiguration.Connectivity
  }

  argument "xks_proxy_uri_endpoint" {
    about   = "The protocol and host of the proxy."
    type    = string
    length  = [10, 128]
    pattern = "^https://[a-zA-Z0-9.-]+$"
    read    = store.XksProxyConfiguration.UriEndpoint
  }

  argument "xks_proxy_uri_path" {
    about   = "The path of the proxy's interface."
    type    = string
    length  = [10, 128]
    pattern = "^(/[a-zA-Z0-9/_-]+/kms/xks/v[0-9]{1,2}|/kms/xks/v[0-9]{1,2})$"
    read    = store.XksProxyConfiguration.UriPath
  }

  argument "xks_proxy_vpc_endpoint_service_name" {
    about   = "The VPC endpoint service of the proxy."
    type    = string
    length  = [20, 64]
    pattern = "^com[.]amazonaws[.]vpce[.][a-z]+-[a-z]+-[0-9][.]vpce-svc-[0-9a-z]+$"
    read    = store.XksProxyConfiguration.VpcEndpointServiceName
  }

  argument "xks_proxy_raw_secret_access_key_wo" {
    about      = "The secret access key of xks_proxy_authentication_credential. It is not kept in state; change xks_proxy_raw_secret_access_key_wo_version to tell it anew."
    type       = string
    sensitive  = true
    write_only = true
    length     = [43, 64]
    needs      = ["xks_proxy_raw_secret_access_key_wo_version", "xks_proxy_authentication_credential"]
  }

  argument "xks_proxy_raw_secret_access_key_wo_version" {
    about = "Any text; when it changes, KMS is told xks_proxy_raw_secret_access_key_wo."
    type  = string
    needs = ["xks_proxy_raw_secret_access_key_wo"]
  }

  block "xks_proxy_authentication_credential" {
    about   = "By what KMS shows the proxy who it is."
    nesting = "list"
    max     = 1

    argument "access_key_id" {
      about     = "The access key id."
      type      = string
      required  = true
      sensitive = true
      length    = [20, 30]
      pattern   = "^[A-Z2-7]+$"
    }

    argument "raw_secret_access_key" {
      about     = "The secret access key. It is required, unless xks_proxy_raw_secret_access_key_wo holds it."
      type      = string
      sensitive = true
      length    = [43, 64]
    }
  }

  rule {
    when    = nonsensitive(length(or(self.xks_proxy_authentication_credential, [])) > 0)
    holds   = nonsensitive(one([for c in self.xks_proxy_authentication_credential : c.raw_secret_access_key]) == null) != (self.xks_proxy_raw_secret_access_key_wo_version == null)
    message = "The block xks_proxy_authentication_credential needs either raw_secret_access_key, or xks_proxy_raw_secret_access_key_wo beside it."
  }

  # What no cloud tells is not asked of a store that was imported.
  rule {
    when    = (prior == null || replacing) && or(self.custom_key_store_type, "AWS_CLOUDHSM") == "AWS_CLOUDHSM"
    holds   = self.cloud_hsm_cluster_id != null && self.trust_anchor_certificate != null && (nonsensitive(self.key_store_password != null) || self.key_store_password_wo_version != null)
    message = "A store of the type AWS_CLOUDHSM needs cloud_hsm_cluster_id, trust_anchor_certificate and key_store_password."
  }

  rule {
    when    = (prior == null || replacing) && self.custom_key_store_type == "EXTERNAL_KEY_STORE"
    holds   = self.xks_proxy_connectivity != null && self.xks_proxy_uri_endpoint != null && self.xks_proxy_uri_path != null && nonsensitive(length(or(self.xks_proxy_authentication_credential, [])) > 0)
    message = "A store of the type EXTERNAL_KEY_STORE needs xks_proxy_connectivity, xks_proxy_uri_endpoint, xks_proxy_uri_path and a block xks_proxy_authentication_credential."
  }

  rule {
    when    = self.xks_proxy_connectivity == "VPC_ENDPOINT_SERVICE"
    holds   = self.xks_proxy_vpc_endpoint_service_name != null
    message = "A proxy behind a VPC endpoint service needs xks_proxy_vpc_endpoint_service_name."
  }

  timeouts {
    create = "15m"
    update = "15m"
    delete = "15m"
  }

  import {
    match   = "^(?P<id>cks-[0-9a-f]+)$"
    example = "cks-1234567890abcdef0"
  }

  read {
    call "DescribeCustomKeyStores" {
      as      = "store"
      params  = { CustomKeyStoreId = id }
      expects = reply.CustomKeyStores
      shared  = true
      take    = one(reply.CustomKeyStores)
    }

    gone = store == null
  }

  create {
    # Its name is not given twice, so nothing can come to be twice.
    repeatable = true

    call "CreateCustomKeyStore" {
      params = {
        CustomKeyStoreName               = self.custom_key_store_name
        CustomKeyStoreType               = self.custom_key_store_type
        CloudHsmClusterId                = self.cloud_hsm_cluster_id
        KeyStorePassword                 = or(self.key_store_password, self.key_store_password_wo)
        TrustAnchorCertificate           = self.trust_anchor_certificate
        XksProxyConnectivity             = self.xks_proxy_connectivity
        XksProxyUriEndpoint              = self.xks_proxy_uri_endpoint
        XksProxyUriPath                  = self.xks_proxy_uri_path
        XksProxyVpcEndpointServiceName   = self.xks_proxy_vpc_endpoint_service_name
        XksProxyAuthenticationCredential = one([for c in or(self.xks_proxy_authentication_credential, []) : { AccessKeyId = c.access_key_id, RawSecretAccessKey = or(c.raw_secret_access_key, self.xks_proxy_raw_secret_access_key_wo) }])
      }
    }

    id = reply.CustomKeyStoreId
  }

  update "store" {
    on = [
      "custom_key_store_name", "key_store_password", "key_store_password_wo_version", "xks_proxy_connectivity", "xks_proxy_uri_endpoint", "xks_proxy_uri_path",
      "xks_proxy_vpc_endpoint_service_name", "xks_proxy_authentication_credential", "xks_proxy_raw_secret_access_key_wo_version",
    ]

    call "UpdateCustomKeyStore" {
      params = {
        CustomKeyStoreId                 = id
        NewCustomKeyStoreName            = changed("custom_key_store_name") ? self.custom_key_store_name : null
        KeyStorePassword                 = changed("key_store_password", "key_store_password_wo_version") ? or(self.key_store_password, self.key_store_password_wo) : null
        XksProxyConnectivity             = changed("xks_proxy_connectivity") ? self.xks_proxy_connectivity : null
        XksProxyUriEndpoint              = changed("xks_proxy_uri_endpoint") ? self.xks_proxy_uri_endpoint : null
        XksProxyUriPath                  = changed("xks_proxy_uri_path") ? self.xks_proxy_uri_path : null
        XksProxyVpcEndpointServiceName   = changed("xks_proxy_vpc_endpoint_service_name", "xks_proxy_connectivity") ? self.xks_proxy_vpc_endpoint_service_name : null
        XksProxyAuthenticationCredential = changed("xks_proxy_authentication_credential", "xks_proxy_raw_secret_access_key_wo_version") ? one([for c in or(self.xks_proxy_authentication_credential, []) : { AccessKeyId = c.access_key_id, RawSecretAccessKey = or(c.raw_secret_access_key, self.xks_proxy_raw_secret_access_key_wo) }]) : null
      }
    }

    wait {
      until = store.CustomKeyStoreName == self.custom_key_store_name
    }
  }

  # Only a store that is disconnected can be deleted. A store with keys is refused at once, before these are cut off.
  delete {
    call "DeleteCustomKeyStore" {
      params  = { CustomKeyStoreId = id }
      ok_when = error.code == "CustomKeyStoreInvalidStateException"
    }

    call "DisconnectCustomKeyStore" {
      params  = { CustomKeyStoreId = id }
      ok_when = error.code == "CustomKeyStoreInvalidStateException"
    }

    call "DeleteCustomKeyStore" {
      params     = { CustomKeyStoreId = id }
      retry_when = error.code == "CustomKeyStoreInvalidStateException"
    }
  }
}
