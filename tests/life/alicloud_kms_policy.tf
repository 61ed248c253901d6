provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_policy" "a" {
  policy_name          = "a"
  kms_instance_id      = "shared"
  permissions          = ["RbacPermission/Template/CryptoServiceKeyUser"]
  resources            = ["key/*"]
  access_control_rules = "{ \"NetworkRules\": [\"one\"] }"
}

#### permissions: update
permissions = ["RbacPermission/Template/CryptoServiceKeyUser", "RbacPermission/Template/CryptoServiceSecretUser"]

#### resources: update
resources = ["key/*", "secret/*"]

#### rules: update
access_control_rules = jsonencode({ NetworkRules = ["one", "two"] })

#### description: update
description = "why"

#### no description: update
description = null

#### instance: replace
kms_instance_id = "kst-hzz61dbabacquz826y29f"

#### name: replace
policy_name = "b"
