# A custom key store, whoever manages it.

data "aws_kms_custom_key_store" {
  service = "kms"
  region  = self.region
  about   = "A custom key store, by its id or its name."

  include "data_region" {}

  argument "custom_key_store_id" {
    about     = "The id of the store."
    type      = string
    computed  = true
    length    = [1, 64]
    conflicts = ["custom_key_store_name"]
    read      = stores[0].CustomKeyStoreId
  }

  argument "custom_key_store_name" {
    about     = "The name of the store."
    type      = string
    computed  = true
    length    = [1, 256]
    conflicts = ["custom_key_store_id"]
    read      = stores[0].CustomKeyStoreName
  }

  attribute "cloud_hsm_cluster_id" {
    about = "The cluster of the store."
    type  = string
    read  = stores[0].CloudHsmClusterId
  }

  attribute "connection_state" {
    about = "Whether the store is connected."
    type  = string
    read  = stores[0].ConnectionState
  }

  attribute "creation_date" {
    about = "When the store was made."
    type  = string
    read  = native::timestamp_of(stores[0].CreationDate)
  }

  attribute "trust_anchor_certificate" {
    about = "The certificate of the cluster's certificate authority."
    type  = string
    read  = stores[0].TrustAnchorCertificate
  }

  read {
    call "DescribeCustomKeyStores" {
      as      = "stores"
      params  = { CustomKeyStoreId = self.custom_key_store_id, CustomKeyStoreName = self.custom_key_store_name }
      pages   = { ask = "Marker", next = reply.NextMarker }
      expects = reply.CustomKeyStores
      shared  = true
      take    = reply.CustomKeyStores
    }

    refuse {
      when    = length(stores) != 1
      message = "There are ${length(stores)} custom key stores in this region. Say which by custom_key_store_id or custom_key_store_name."
    }

    id = stores[0].CustomKeyStoreId
  }
}
