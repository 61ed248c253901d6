//! The versions of a key, and what each is made of.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::errors::Failure;
use super::keys::Key;
use super::pages::page;
use super::{Call, Region, time};

const DAY: i64 = 86_400;
const MOST_VERSIONS: usize = 50;

/// One version of a key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeyVersion {
    pub(crate) id: String,
    pub(crate) created_at: i64,
    /// In base64: 32 bytes of a symmetric key, the PKCS#8 form of an RSA key, nothing for a curve.
    material: String,
}

impl KeyVersion {
    /// A version made of the given bytes.
    pub(crate) fn new(bytes: &[u8], created_at: i64) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            created_at,
            material: STANDARD.encode(bytes),
        }
    }

    /// The bytes of the version.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Failure> {
        STANDARD.decode(&self.material).map_err(|_| Failure::internal())
    }

    fn describe(&self, key_id: &str) -> Value {
        json!({ "KeyId": key_id, "KeyVersionId": self.id, "CreationDate": time(self.created_at) })
    }
}

/// Adds a version with fresh material to a key and makes it the primary one.
pub(crate) fn add_version(key: &mut Key, at: i64) -> Result<(), Failure> {
    let bytes = match key.spec.as_str() {
        "RSA_2048" => pkcs8(&rsa_key(2048)?)?,
        "RSA_3072" => pkcs8(&rsa_key(3072)?)?,
        spec if spec.starts_with("EC_") => Vec::new(),
        _ => random::<32>()?.to_vec(),
    };
    key.versions.push(KeyVersion::new(&bytes, at));
    Ok(())
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Failure::internal())?;
    Ok(bytes)
}

/// A new RSA key.
pub(crate) fn rsa_key(bits: usize) -> Result<RsaPrivateKey, Failure> {
    RsaPrivateKey::new(&mut OsRng, bits).map_err(|_| Failure::internal())
}

/// The PKCS#8 form of an RSA key.
pub(crate) fn pkcs8(key: &RsaPrivateKey) -> Result<Vec<u8>, Failure> {
    key.to_pkcs8_der()
        .map(|der| der.as_bytes().to_vec())
        .map_err(|_| Failure::internal())
}

pub(crate) fn create_key_version(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.named_key(call)?;
    if key.is_symmetric() || key.origin != "Aliyun_KMS" {
        return Err(Failure::unsupported());
    }
    key.need_enabled()?;
    if key.versions.len() >= MOST_VERSIONS {
        return Err(Failure::limit());
    }
    if key
        .versions
        .last()
        .is_some_and(|last| key.versions.len() > 1 && call.now - last.created_at < 7 * DAY)
    {
        return Err(Failure::limit());
    }
    // Versions of an asymmetric key stand side by side: this is no rotation.
    add_version(key, call.now)?;
    let version = key.versions.last().ok_or_else(Failure::internal)?;
    Ok(json!({ "KeyVersion": version.describe(&key.id) }))
}

pub(crate) fn describe_key_version(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.named_key(call)?;
    Ok(json!({ "KeyVersion": named_version(key, call)?.describe(&key.id) }))
}

pub(crate) fn list_key_versions(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.named_key(call)?;
    page(
        call,
        10,
        ("KeyVersions", "KeyVersion"),
        key.versions.iter(),
        |version| version.describe(&key.id),
    )
}

pub(crate) fn get_public_key(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = region.named_key(call)?;
    let version = named_version(key, call)?;
    key.need_enabled()?;
    if !key.spec.starts_with("RSA_") {
        return Err(Failure::unsupported());
    }
    let private = RsaPrivateKey::from_pkcs8_der(&version.bytes()?).map_err(|_| Failure::internal())?;
    Ok(json!({ "KeyId": key.id, "KeyVersionId": version.id, "PublicKey": public_pem(&private)? }))
}

/// The public half of an RSA key, in PEM.
pub(crate) fn public_pem(private: &RsaPrivateKey) -> Result<String, Failure> {
    private
        .to_public_key()
        .to_public_key_pem(LineEnding::LF)
        .map_err(|_| Failure::internal())
}

fn named_version<'a>(key: &'a Key, call: &Call) -> Result<&'a KeyVersion, Failure> {
    let id = call.params.need("KeyVersionId")?;
    key.versions
        .iter()
        .find(|version| version.id == id)
        .ok_or_else(Failure::no_resource)
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Bench;

    #[test]
    fn an_asymmetric_key_shows_its_public_half() {
        let mut bench = Bench::new();
        let id = bench.key(&[("KeySpec", "RSA_2048")]);
        let versions = bench.ok("ListKeyVersions", &[("KeyId", &id)]);
        let version = versions["KeyVersions"]["KeyVersion"][0]["KeyVersionId"]
            .as_str()
            .unwrap()
            .to_owned();
        let public = bench.ok("GetPublicKey", &[("KeyId", &id), ("KeyVersionId", &version)]);
        assert!(
            public["PublicKey"]
                .as_str()
                .unwrap()
                .starts_with("-----BEGIN PUBLIC KEY-----")
        );
    }

    #[test]
    fn a_symmetric_key_gets_no_version_by_hand() {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        bench.fails(
            "CreateKeyVersion",
            &[("KeyId", &id)],
            "400 Rejected.UnsupportedOperation",
        );
    }

    #[test]
    fn a_second_version_by_hand_must_wait_a_week() {
        let mut bench = Bench::new();
        let id = bench.key(&[("KeySpec", "EC_P256")]);
        bench.ok("CreateKeyVersion", &[("KeyId", &id)]);
        bench.fails(
            "CreateKeyVersion",
            &[("KeyId", &id)],
            "400 Rejected.LimitExceeded",
        );
        bench.wait_days(7);
        bench.ok("CreateKeyVersion", &[("KeyId", &id)]);
    }
}
