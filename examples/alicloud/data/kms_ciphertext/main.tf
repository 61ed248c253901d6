# A text encrypted for something that takes it once. Every read encrypts anew: what must stay the same is made by the
# resource of the same name.

provider "alicloud" {
  region = "cn-hangzhou"
}

resource "alicloud_kms_key" "shop" {
  pending_window_in_days = 7
}

data "alicloud_kms_ciphertext" "greeting" {
  key_id             = alicloud_kms_key.shop.id
  plaintext          = base64encode("hello")
  encryption_context = { app = "shop" }
}

output "is_encrypted" {
  value = data.alicloud_kms_ciphertext.greeting.ciphertext_blob != base64encode("hello")
}
