provider "alicloud" {
  region = "cn-hangzhou"
}
resource "alicloud_kms_key" "k" {
}
resource "alicloud_kms_key" "l" {
}

resource "alicloud_kms_ciphertext" "a" {
  key_id = alicloud_kms_key.k.id
  plaintext = base64encode("x")
}

#### plaintext: replace kept
plaintext = base64encode("y")

#### context: replace kept
encryption_context = {a="b"}

#### key: replace kept
key_id = alicloud_kms_key.l.id
