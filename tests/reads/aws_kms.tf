# Data sources of KMS, in another region than the provider's.

provider "aws" {
  region = "eu-west-1"
}

resource "aws_kms_key" "k" {
  region = "eu-central-1"
}

resource "aws_kms_key" "s" {
  region                   = "eu-central-1"
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

resource "aws_kms_alias" "k" {
  region        = "eu-central-1"
  name          = "alias/there"
  target_key_id = aws_kms_key.k.key_id
}

resource "aws_kms_grant" "k" {
  region            = "eu-central-1"
  key_id            = aws_kms_key.k.key_id
  grantee_principal = "arn:aws:iam::123456789012:role/reader"
  operations        = ["DescribeKey", "Decrypt"]
}

resource "aws_kms_custom_key_store" "s" {
  region                   = "eu-central-1"
  custom_key_store_name    = "there"
  cloud_hsm_cluster_id     = "cluster-2b3c4d5e6f7"
  key_store_password       = "noplaintextpasswords1"
  trust_anchor_certificate = "certificate"
}

data "aws_kms_alias" "k" {
  region = "eu-central-1"
  name   = aws_kms_alias.k.name
}

data "aws_kms_aliases" "k" {
  region      = "eu-central-1"
  key_id      = aws_kms_alias.k.target_key_id
  name_prefix = "alias/th"
}

data "aws_kms_keys" "all" {
  region     = "eu-central-1"
  depends_on = [aws_kms_key.k, aws_kms_key.s]
}

data "aws_kms_key" "k" {
  region       = "eu-central-1"
  key_id       = aws_kms_key.k.key_id
  grant_tokens = [aws_kms_grant.k.grant_token]
}

data "aws_kms_public_key" "s" {
  region       = "eu-central-1"
  key_id       = aws_kms_key.s.key_id
  grant_tokens = [aws_kms_grant.k.grant_token]
}

data "aws_kms_key_last_usage" "k" {
  region = "eu-central-1"
  key_id = aws_kms_key.k.key_id
}

data "aws_kms_custom_key_store" "s" {
  region              = "eu-central-1"
  custom_key_store_id = aws_kms_custom_key_store.s.id
}

data "aws_kms_ciphertext" "k" {
  region    = "eu-central-1"
  key_id    = aws_kms_key.k.key_id
  plaintext = "hidden"
  context   = { a = "b" }
}

data "aws_kms_secrets" "k" {
  region = "eu-central-1"

  secret {
    name                 = "it"
    payload              = data.aws_kms_ciphertext.k.ciphertext_blob
    context              = { a = "b" }
    key_id               = aws_kms_key.k.key_id
    encryption_algorithm = "SYMMETRIC_DEFAULT"
    grant_tokens         = [aws_kms_grant.k.grant_token]
  }
}

ephemeral "aws_kms_secrets" "k" {
  region = "eu-central-1"

  secret {
    name                 = "it"
    payload              = data.aws_kms_ciphertext.k.ciphertext_blob
    context              = { a = "b" }
    key_id               = aws_kms_key.k.key_id
    encryption_algorithm = "SYMMETRIC_DEFAULT"
    grant_tokens         = [aws_kms_grant.k.grant_token]
  }
}

# What an ephemeral resource tells reaches outputs only through what is made of it.
resource "aws_kms_ciphertext" "again" {
  region               = "eu-central-1"
  key_id               = aws_kms_key.k.key_id
  plaintext_wo         = ephemeral.aws_kms_secrets.k.plaintext["it"]
  plaintext_wo_version = "1"
}

data "aws_kms_secrets" "again" {
  region = "eu-central-1"

  secret {
    name    = "it"
    payload = aws_kms_ciphertext.again.ciphertext_blob
  }
}

output "found" {
  value = {
    alias     = data.aws_kms_alias.k.target_key_arn
    aliases   = data.aws_kms_aliases.k.names
    keys      = toset(data.aws_kms_keys.all.ids)
    key       = [data.aws_kms_key.k.arn, data.aws_kms_key.k.region]
    public    = [data.aws_kms_public_key.s.arn, data.aws_kms_public_key.s.signing_algorithms]
    created   = data.aws_kms_key_last_usage.k.key_creation_date
    store     = data.aws_kms_custom_key_store.s.custom_key_store_name
    text      = nonsensitive(data.aws_kms_secrets.k.plaintext["it"])
    ephemeral = nonsensitive(data.aws_kms_secrets.again.plaintext["it"])
  }
}

output "expected" {
  value = {
    alias     = aws_kms_key.k.arn
    aliases   = ["alias/there"]
    keys      = toset([aws_kms_key.k.key_id, aws_kms_key.s.key_id])
    key       = [aws_kms_key.k.arn, "eu-central-1"]
    public    = [aws_kms_key.s.arn, ["ECDSA_SHA_256"]]
    created   = data.aws_kms_key.k.creation_date
    store     = "there"
    text      = "hidden"
    ephemeral = "hidden"
  }
}
