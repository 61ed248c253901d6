provider "alicloud" {
  region = "cn-hangzhou"
  secret_updates = "in_place"
}
resource "alicloud_kms_key" "k" {
}
resource "alicloud_kms_key" "l" {
}

resource "alicloud_kms_secret" "a" {
  secret_name = "s"
  secret_data = "d"
  version_id = "v1"
}

#### data: update
secret_data = "e"
version_id = "v2"

#### version: update
version_id = "v3"

#### tags: update
tags = {a="1"}

#### other tags: update
tags = {a="2",b="1"}

#### binary: update
secret_data = "aGVsbG8="
version_id = "v4"
secret_data_type = "binary"

#### stages: update
version_id = "v5"
version_stages = ["ACSCurrent","x"]

#### the name of its policy: update kept
policy_name = "default"

#### the mark goes to an older version: update
version_stages = null
move_to_version = "v4"
remove_from_version = "v5"

#### the mark comes back: update
move_to_version = "v5"
remove_from_version = "v4"

#### no marks to move: update kept
move_to_version = null
remove_from_version = null

#### selected by a key: update kept
key_id = "key-1"

#### selected by a certificate: update kept
key_id = null
certificate_id = "certificate-1"

#### name: replace
secret_name = "t"

#### key: replace
secret_name = "u"
encryption_key_id = alicloud_kms_key.k.id

#### other key: replace
secret_name = "w"
encryption_key_id = alicloud_kms_key.l.id
force_delete_without_recovery = true

#### instance: replace
dkms_instance_id = "kst-1"
policy = jsonencode({ Version = "1", Statement = [{ Sid = "x", Effect = "Allow", Principal = { RAM = ["acs:ram::1234567890123456:*"] }, Action = ["kms:*"], Resource = ["*"] }] })

#### policy: update
policy = jsonencode({ Version = "1", Statement = [{ Sid = "y", Effect = "Allow", Principal = { RAM = ["acs:ram::1234567890123456:*"] }, Action = ["kms:*"], Resource = ["*"] }] })

#### a value that is not kept, still the same: update kept
secret_data = null
secret_data_wo = "aGVsbG8="
secret_data_wo_version = "1"

#### another one: update
secret_data_wo = "aGVsbG8h"
secret_data_wo_version = "2"
version_id = "v6"

#### a version that holds it again: update
version_id = "v7"

#### a value that is kept: update
secret_data = "aGVsbG8h"
secret_data_wo = null
secret_data_wo_version = null
version_id = "v8"
