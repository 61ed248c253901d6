//! Key specs: which usages each allows, and the algorithms that follow.

/// Every key spec of the API.
pub const SPECS: &[&str] = &[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
];

/// Every key usage of the API.
pub const USAGES: &[&str] = &[
    "SIGN_VERIFY",
    "ENCRYPT_DECRYPT",
    "GENERATE_VERIFY_MAC",
    "KEY_AGREEMENT",
];

/// The usages that a spec allows.
pub fn usages(spec: &str) -> &'static [&'static str] {
    match spec {
        "SYMMETRIC_DEFAULT" => &["ENCRYPT_DECRYPT"],
        "RSA_2048" | "RSA_3072" | "RSA_4096" => &["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
        "ECC_NIST_P256" | "ECC_NIST_P384" | "ECC_NIST_P521" => &["SIGN_VERIFY", "KEY_AGREEMENT"],
        "SM2" => &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"],
        "HMAC_224" | "HMAC_256" | "HMAC_384" | "HMAC_512" => &["GENERATE_VERIFY_MAC"],
        _ => &["SIGN_VERIFY"],
    }
}

/// The member of the metadata that lists the algorithms of a key, and the algorithms.
pub fn algorithms(spec: &str, usage: &str) -> (&'static str, &'static [&'static str]) {
    match usage {
        "ENCRYPT_DECRYPT" => ("EncryptionAlgorithms", encryption(spec)),
        "SIGN_VERIFY" => ("SigningAlgorithms", signing(spec)),
        "GENERATE_VERIFY_MAC" => ("MacAlgorithms", mac(spec)),
        _ => ("KeyAgreementAlgorithms", &["ECDH"]),
    }
}

fn encryption(spec: &str) -> &'static [&'static str] {
    match spec {
        "SYMMETRIC_DEFAULT" => &["SYMMETRIC_DEFAULT"],
        "SM2" => &["SM2PKE"],
        _ => &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
    }
}

fn signing(spec: &str) -> &'static [&'static str] {
    match spec {
        "ECC_NIST_P256" | "ECC_SECG_P256K1" => &["ECDSA_SHA_256"],
        "ECC_NIST_P384" => &["ECDSA_SHA_384"],
        "ECC_NIST_P521" => &["ECDSA_SHA_512"],
        "ECC_NIST_EDWARDS25519" => &["ED25519_SHA_512", "ED25519_PH_SHA_512"],
        "SM2" => &["SM2DSA"],
        "ML_DSA_44" | "ML_DSA_65" | "ML_DSA_87" => &["ML_DSA_SHAKE_256"],
        _ => &[
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PSS_SHA_512",
        ],
    }
}

fn mac(spec: &str) -> &'static [&'static str] {
    match spec {
        "HMAC_224" => &["HMAC_SHA_224"],
        "HMAC_256" => &["HMAC_SHA_256"],
        "HMAC_384" => &["HMAC_SHA_384"],
        _ => &["HMAC_SHA_512"],
    }
}
