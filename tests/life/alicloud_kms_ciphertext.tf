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

#### a plaintext that is not kept: replace kept
plaintext = null
plaintext_wo = base64encode("z")
plaintext_wo_version = "1"

#### another one: replace kept
plaintext_wo = base64encode("w")
plaintext_wo_version = "2"
