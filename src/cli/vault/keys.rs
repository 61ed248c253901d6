//! Keys: made from a passphrase, or by a key management service.

use std::collections::BTreeMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use pbkdf2::pbkdf2_hmac;
use serde::{Deserialize, Serialize};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::kms::Service;
use crate::diag::Diagnostic;

/// A file may name any number of iterations: more than these are done only where the settings name as many.
const FEW_ITERATIONS: u32 = 1_000_000;
/// No salt is longer than this, in bytes.
const LONGEST_SALT: usize = 1024;

type Bytes = Zeroizing<Vec<u8>>;

/// The key providers of a configuration by their address, and the keys that they have given in this run.
pub struct Keys {
    providers: BTreeMap<String, Provider>,
    /// What is encrypted in this run is encrypted with these.
    fresh: Mutex<BTreeMap<String, Fresh>>,
    /// By the provider and what it wrote about the key.
    known: Mutex<BTreeMap<(String, Vec<u8>), Bytes>>,
}

/// One key provider.
pub struct Provider {
    /// Under which name what it writes about a key stands in an envelope.
    pub meta_name: String,
    pub kind: Kind,
}

/// Where the keys of a provider come from.
pub enum Kind {
    Pbkdf2(Pbkdf2),
    Kms(Service),
}

/// How a key is made from a passphrase.
pub struct Pbkdf2 {
    pub passphrase: Zeroizing<String>,
    pub iterations: u32,
    /// In bytes.
    pub key_length: usize,
    /// In bytes.
    pub salt_length: usize,
    pub hash: Hash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    Sha256,
    Sha512,
}

/// A key for what is encrypted in this run.
#[derive(Clone)]
pub struct Fresh {
    pub name: String,
    pub meta: Vec<u8>,
    pub bytes: Bytes,
}

/// What is written beside what a passphrase has encrypted.
#[derive(Serialize, Deserialize)]
struct Salted {
    salt: String,
    iterations: u32,
    hash_function: Hash,
    key_length: usize,
}

/// What is written beside what a data key of a service has encrypted.
#[derive(Serialize, Deserialize)]
struct Wrapped {
    /// In base64, whatever the service calls its form.
    ciphertext_blob: String,
}

impl Keys {
    pub fn new(providers: BTreeMap<String, Provider>) -> Self {
        Self {
            providers,
            fresh: Mutex::default(),
            known: Mutex::default(),
        }
    }

    /// Under which name what a provider writes about a key stands in an envelope.
    pub fn meta_name(&self, provider: &str) -> String {
        self.providers[provider].meta_name.clone()
    }

    /// The key with which this run encrypts.
    pub fn fresh(&self, provider: &str) -> Result<Fresh, Diagnostic> {
        let mut made = self.fresh.lock().expect("nobody panics with a key in hand");
        if let Some(key) = made.get(provider) {
            return Ok(key.clone());
        }
        let Provider { meta_name, kind } = &self.providers[provider];
        let (bytes, meta) = match kind {
            Kind::Pbkdf2(settings) => settings.fresh(),
            Kind::Kms(service) => service.data_key().map(|(bytes, blob)| {
                let ciphertext_blob = BASE64.encode(blob);
                (bytes, json(&Wrapped { ciphertext_blob }))
            }),
        }
        .map_err(|why| Diagnostic::error("Encryption failed", format!("{provider}: {why}.")))?;
        let key = Fresh {
            name: meta_name.clone(),
            meta: meta.clone(),
            bytes: bytes.clone(),
        };
        made.insert(provider.to_owned(), key.clone());
        let mut known = self.known.lock().expect("nobody panics with a key in hand");
        known.insert((provider.to_owned(), meta), bytes);
        Ok(key)
    }

    /// The key with which something was encrypted; an error is a sentence without a full stop.
    pub fn again(&self, provider: &str, meta: &[u8]) -> Result<Bytes, String> {
        let mut known = self.known.lock().expect("nobody panics with a key in hand");
        let place = (provider.to_owned(), meta.to_vec());
        if let Some(key) = known.get(&place) {
            return Ok(key.clone());
        }
        let unread = |_| "what the key provider wrote about the key cannot be read".to_owned();
        let key = match &self.providers[provider].kind {
            Kind::Pbkdf2(settings) => settings.again(&serde_json::from_slice(meta).map_err(unread)?)?,
            Kind::Kms(service) => {
                let wrapped: Wrapped = serde_json::from_slice(meta).map_err(unread)?;
                let blob = BASE64
                    .decode(wrapped.ciphertext_blob)
                    .map_err(|_| "the encrypted data key is not in base64".to_owned())?;
                service.decrypt(&blob)?
            }
        };
        known.insert(place, key.clone());
        Ok(key)
    }
}

impl Pbkdf2 {
    fn fresh(&self) -> Result<(Bytes, Vec<u8>), String> {
        let mut salt = vec![0; self.salt_length];
        getrandom::fill(&mut salt).map_err(|error| format!("there is no randomness: {error}"))?;
        let salted = Salted {
            salt: BASE64.encode(salt),
            iterations: self.iterations,
            hash_function: self.hash,
            key_length: self.key_length,
        };
        Ok((self.again(&salted)?, json(&salted)))
    }

    fn again(&self, salted: &Salted) -> Result<Bytes, String> {
        let salt = BASE64
            .decode(&salted.salt)
            .ok()
            .filter(|salt| salt.len() <= LONGEST_SALT);
        let salt = salt.ok_or("the salt is not in base64, or too long")?;
        if salted.iterations > self.iterations.max(FEW_ITERATIONS) {
            return Err(format!(
                "it was encrypted with {} iterations, and the settings have {}; to read it all the same, raise \"iterations\"",
                salted.iterations, self.iterations
            ));
        }
        if !matches!(salted.key_length, 16 | 24 | 32) {
            return Err("it asks for a key that AES cannot use".to_owned());
        }
        let mut key = Zeroizing::new(vec![0; salted.key_length]);
        let secret = self.passphrase.as_bytes();
        match salted.hash_function {
            Hash::Sha256 => pbkdf2_hmac::<Sha256>(secret, &salt, salted.iterations, &mut key),
            Hash::Sha512 => pbkdf2_hmac::<Sha512>(secret, &salt, salted.iterations, &mut key),
        }
        Ok(key)
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("it is plain text")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        let kind = Kind::Pbkdf2(Pbkdf2 {
            passphrase: Zeroizing::new("correct horse battery staple".to_owned()),
            iterations: 1000,
            key_length: 32,
            salt_length: 32,
            hash: Hash::Sha512,
        });
        let meta_name = "key_provider.pbkdf2.a".to_owned();
        Keys::new([("key_provider.pbkdf2.a".to_owned(), Provider { meta_name, kind })].into())
    }

    #[test]
    fn a_key_is_made_again_from_what_stands_beside() {
        let fresh = keys().fresh("key_provider.pbkdf2.a").unwrap();
        assert_eq!(
            keys().again("key_provider.pbkdf2.a", &fresh.meta).unwrap(),
            fresh.bytes
        );
        let other = keys().fresh("key_provider.pbkdf2.a").unwrap();
        assert_ne!(other.bytes, fresh.bytes, "each run has its own salt");
    }

    /// From RFC 7914, section 11, which is the standard's own of this function with SHA-256.
    #[test]
    fn a_key_is_the_one_that_others_make() {
        let settings = Pbkdf2 {
            passphrase: Zeroizing::new("passwd".to_owned()),
            iterations: 1,
            key_length: 32,
            salt_length: 4,
            hash: Hash::Sha256,
        };
        let salted = Salted {
            salt: BASE64.encode("salt"),
            iterations: 1,
            hash_function: Hash::Sha256,
            key_length: 32,
        };
        let key = settings.again(&salted).unwrap();
        assert_eq!(
            hex::encode(&*key),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        );
    }

    #[test]
    fn what_a_file_asks_for_is_bounded() {
        let keys = keys();
        let ask = |meta: &str| keys.again("key_provider.pbkdf2.a", meta.as_bytes()).unwrap_err();
        ask("{}");
        ask(r#"{"salt": "AA==", "iterations": 4000000000, "hash_function": "sha512", "key_length": 32}"#);
        ask(r#"{"salt": "AA==", "iterations": 1, "hash_function": "sha512", "key_length": 1000000000}"#);
        ask(r#"{"salt": "AA==", "iterations": 1, "hash_function": "md5", "key_length": 32}"#);
    }
}
