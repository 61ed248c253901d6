provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_secret" "a" {
  secret_name = "s"
  secret_data = "d"
  version_id = "v1"
}

#### description: update
description = "x"

#### recovery: update kept
recovery_window_in_days = 7

#### stages: update
version_stages = ["ACSCurrent","mine"]

#### force: update kept
force_delete_without_recovery = true

#### data: replace
secret_data = "e"

#### version: replace
version_id = "v2"

#### tags: replace
tags = {a="1"}

#### binary: replace
secret_data = "aGVsbG8="
secret_data_type = "binary"

#### name: replace
secret_name = "t"

#### no description: update
description = null

#### a value that is not kept, still the same: update kept
secret_data = null
secret_data_wo = "aGVsbG8="
secret_data_wo_version = "1"

#### another one: replace
secret_data_wo = "aGVsbG8h"
secret_data_wo_version = "2"
version_id = "v3"
