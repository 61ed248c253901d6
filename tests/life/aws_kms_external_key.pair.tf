provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_external_key" "a" {
  key_spec            = "ECC_NIST_P521"
  key_usage           = "SIGN_VERIFY"
  key_material_base64 = "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAcD/7gEjRWeJq83vASNFZ4mrze+hgYkDgYYABAAonE6KOCJzQXKYAeZXDFdBU07OLs7s2PiWX/d57oN5qnb675LH7O8XxQXsRf0apTIY2XCyWirckD2rtYG3zuj0DQC4HPlNXWmNlISLQtex68sEAYTie7rw5RgLs8yJKupSN75CzeNElh0voAS8Ma6hUiEt77q1KyyOQ8Vg5LWFVx5hMQ=="
}

#### expires: update
valid_to = "SOON"

#### disable: update
enabled = false

#### another kind of key: replace
key_spec = "HMAC_256"
key_usage = "GENERATE_VERIFY_MAC"
key_material_base64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
