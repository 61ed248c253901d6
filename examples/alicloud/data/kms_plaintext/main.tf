# What stands encrypted in the configuration, opened while it is applied. It stays hidden.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "shop" {
  pending_window_in_days = 7
}

resource "alicloud_kms_ciphertext" "greeting" {
  key_id             = alicloud_kms_key.shop.id
  plaintext          = base64encode("hello")
  encryption_context = { app = "shop" }
}

data "alicloud_kms_plaintext" "greeting" {
  ciphertext_blob    = alicloud_kms_ciphertext.greeting.ciphertext_blob
  encryption_context = { app = "shop" }
}

output "greeting" {
  value     = base64decode(data.alicloud_kms_plaintext.greeting.plaintext)
  sensitive = true
}
