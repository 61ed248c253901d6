# A text that only the holder of the key can read.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "key" {
  description            = "example key"
  pending_window_in_days = 7
}

resource "alicloud_kms_ciphertext" "encrypted" {
  key_id             = alicloud_kms_key.key.id
  plaintext          = base64encode("example")
  encryption_context = { app = "web" }
}
