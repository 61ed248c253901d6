provider "alicloud" {
  region = "cn-hangzhou"
}
resource "alicloud_kms_key" "k" {
}
resource "alicloud_kms_key" "l" {
}

resource "alicloud_kms_alias" "a" {
  alias_name = "alias/x"
  key_id = alicloud_kms_key.k.id
}

#### key: update
key_id = alicloud_kms_key.l.id

#### name: replace
alias_name = "alias/y"

#### key by its ARN: update
key_id = alicloud_kms_key.k.arn
