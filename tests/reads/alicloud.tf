# Data sources of Alibaba Cloud.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "one" {
  description = "one"
}

resource "alicloud_kms_key" "two" {
  description = "two"
  status      = "Disabled"
}

resource "alicloud_kms_key" "signing" {
  key_spec = "EC_P256"
}

resource "alicloud_kms_key_version" "signing" {
  key_id = alicloud_kms_key.signing.id
}

resource "alicloud_kms_alias" "one" {
  alias_name = "alias/one"
  key_id     = alicloud_kms_key.one.id
}

resource "alicloud_kms_alias" "two" {
  alias_name = "alias/two"
  key_id     = alicloud_kms_key.one.id
}

resource "alicloud_kms_secret" "one" {
  secret_name                   = "one"
  secret_data                   = "hidden"
  version_id                    = "v1"
  tags                          = { a = "b" }
  force_delete_without_recovery = true
}

resource "alicloud_kms_secret" "two" {
  secret_name                   = "two"
  secret_data                   = "hidden"
  version_id                    = "v1"
  force_delete_without_recovery = true
}

resource "alicloud_kms_instance" "one" {
  vpc_id        = "vpc-1"
  zone_ids      = ["cn-hangzhou-j", "cn-hangzhou-k"]
  vswitch_ids   = ["vsw-1"]
  payment_type  = "PayAsYouGo"
  instance_name = "one"
}

data "alicloud_kms_keys" "by_text" {
  description_regex = "^(one|two)"
  status            = "Enabled"
  enable_details    = true
  output_file       = "keys.json"
  depends_on        = [alicloud_kms_key.one, alicloud_kms_key.two]
}

data "alicloud_kms_keys" "by_id" {
  ids     = [alicloud_kms_key.one.id, alicloud_kms_key.two.id]
  filters = jsonencode([{ Key = "KeyState", Values = ["Disabled"] }])
}

data "alicloud_kms_aliases" "found" {
  ids         = [alicloud_kms_alias.one.id, alicloud_kms_alias.two.id]
  name_regex  = "two$"
  output_file = "aliases.json"
}

data "alicloud_kms_key_versions" "found" {
  key_id      = alicloud_kms_key.signing.id
  ids         = [alicloud_kms_key_version.signing.key_version_id]
  output_file = "versions.json"
}

data "alicloud_kms_secrets" "tagged" {
  tags           = { a = "b" }
  enable_details = true
  output_file    = "secrets.json"
  depends_on     = [alicloud_kms_secret.one, alicloud_kms_secret.two]
}

data "alicloud_kms_secrets" "named" {
  ids        = [alicloud_kms_secret.one.id, alicloud_kms_secret.two.id]
  name_regex = "^o"
  fetch_tags = true
  filters    = jsonencode([{ Key = "SecretName", Values = ["one", "two"] }])
}

data "alicloud_kms_secret_versions" "found" {
  secret_name        = alicloud_kms_secret.one.secret_name
  ids                = ["v1"]
  include_deprecated = "true"
  version_stage      = "ACSCurrent"
  enable_details     = true
  output_file        = "secret_versions.json"
}

data "alicloud_kms_ciphertext" "one" {
  key_id             = alicloud_kms_key.one.id
  plaintext          = base64encode("hidden")
  encryption_context = { a = "b" }
}

data "alicloud_kms_plaintext" "one" {
  ciphertext_blob    = data.alicloud_kms_ciphertext.one.ciphertext_blob
  encryption_context = { a = "b" }
}

data "alicloud_kms_instances" "named" {
  instance_name = alicloud_kms_instance.one.instance_name
  output_file   = "instances.json"
}

data "alicloud_kms_instances" "others" {
  ids           = ["kst-none"]
  instance_name = alicloud_kms_instance.one.instance_name
}

data "alicloud_kms_service" "off" {}

data "alicloud_kms_service" "on" {
  enable = "On"
}

data "alicloud_regions" "current" {
  current     = true
  output_file = "regions.json"
}

data "alicloud_regions" "named" {
  name = "ap-southeast-1"
}

data "alicloud_account" "this" {}

data "alicloud_caller_identity" "this" {}

output "found" {
  value = {
    keys      = [data.alicloud_kms_keys.by_text.ids, data.alicloud_kms_keys.by_id.ids]
    aliases   = data.alicloud_kms_aliases.found.names
    versions  = data.alicloud_kms_key_versions.found.ids
    secrets   = [data.alicloud_kms_secrets.tagged.names, data.alicloud_kms_secrets.named.names]
    details   = [for s in data.alicloud_kms_secrets.tagged.secrets : [s.version_id, nonsensitive(s.secret_data)]]
    tags      = data.alicloud_kms_secrets.named.secrets[*].tags
    stages    = data.alicloud_kms_secret_versions.found.versions[*].version_stages
    value     = [for v in data.alicloud_kms_secret_versions.found.versions : nonsensitive(v.secret_data)]
    text      = nonsensitive(base64decode(data.alicloud_kms_plaintext.one.plaintext))
    instances = [data.alicloud_kms_instances.named.ids, data.alicloud_kms_instances.others.ids]
    service   = [data.alicloud_kms_service.off.status, data.alicloud_kms_service.on.status, data.alicloud_kms_service.on.id]
    regions   = [data.alicloud_regions.current.ids, data.alicloud_regions.named.ids]
    account   = [data.alicloud_account.this.id, data.alicloud_caller_identity.this.account_id]
  }
}

output "expected" {
  value = {
    keys      = [[alicloud_kms_key.one.id], [alicloud_kms_key.two.id]]
    aliases   = ["alias/two"]
    versions  = [alicloud_kms_key_version.signing.key_version_id]
    secrets   = [["one"], ["one"]]
    details   = [["v1", "hidden"]]
    tags      = [{ a = "b" }]
    stages    = [["ACSCurrent"]]
    value     = ["hidden"]
    text      = "hidden"
    instances = [[alicloud_kms_instance.one.id], []]
    service   = ["", "Opened", "KmsServiceHasBeenOpened"]
    regions   = [["cn-hangzhou"], ["ap-southeast-1"]]
    account   = ["1234567890123456", "1234567890123456"]
  }
}
