provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_secret" "a" {
  secret_name = "acs/ecs/x"
  secret_type = "ECS"
  secret_data = jsonencode({UserName="u",Password="p"})
  version_id = "v1"
  extended_config = jsonencode({SecretSubType="Password",InstanceId="i-1",CustomData={},RegionId="cn-hangzhou",CommandId="c"})
  force_delete_without_recovery = true
}

#### rotation on: replace
enable_automatic_rotation = true
rotation_interval = "604800s"

#### interval: replace
rotation_interval = "8d"

#### rotation off: update
enable_automatic_rotation = false
rotation_interval = null

#### custom data: update
custom_data = jsonencode({a="b"})

#### custom data by name: update
extended_config_custom_data = {a="c"}
custom_data = null

#### type, value and what it is for: replace
resource "alicloud_kms_secret" "a" {
  secret_name = "rds"
  secret_type = "Rds"
  secret_data = jsonencode({Accounts=[{AccountName="u",AccountPassword="p"}]})
  version_id = "v2"
  extended_config = jsonencode({SecretSubType="SingleUser",DBInstanceId="rm-1",CustomData={}})
  force_delete_without_recovery = true
}
