//! States and plans at rest in OpenTofu's envelope, version `v0`.
//!
//! ```json
//! {"serial": 7, "lineage": "...", "meta": {"key_provider.pbkdf2.a": "<base64 of JSON>"},
//!  "encrypted_data": "<base64 of nonce, ciphertext and tag>", "encryption_version": "v0"}
//! ```
//!
//! Serial and lineage stand outside in clear for who only wants to know which state it is; plans have neither. `meta`
//! holds what key providers need to make the same key again. AES-GCM with a nonce of 12 bytes and a tag of 16.

use std::collections::BTreeMap;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The version of the envelope that is read and written.
const VERSION: &str = "v0";
/// The length of a nonce in bytes.
const NONCE: usize = 12;
/// No state is larger than this, in bytes of base64.
const LARGEST: usize = 1 << 30;

/// AES with a key of 24 bytes.
type Aes192Gcm = AesGcm<aes_gcm::aes::Aes192, aes_gcm::aead::consts::U12>;

/// What lies around an encrypted state or plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<String>,
    /// What each key provider wrote about the key, in base64.
    pub meta: BTreeMap<String, String>,
    encrypted_data: String,
    encryption_version: String,
}

/// Why an envelope cannot be opened; a sentence without a full stop.
pub type Why = String;

impl Envelope {
    /// Whether a text is an envelope, whatever is in it.
    pub fn is_one(text: &str) -> bool {
        #[derive(Deserialize)]
        struct Head {
            encryption_version: Option<serde::de::IgnoredAny>,
            encrypted_data: Option<serde::de::IgnoredAny>,
        }
        text.contains("\"encryption_version\"")
            && serde_json::from_str::<Head>(text)
                .is_ok_and(|head| head.encryption_version.is_some() && head.encrypted_data.is_some())
    }

    /// Reads an envelope.
    pub fn parse(text: &str) -> Result<Self, Why> {
        if text.len() > LARGEST {
            return Err("it is larger than 1 GiB".to_owned());
        }
        let envelope: Self =
            serde_json::from_str(text).map_err(|error| format!("its envelope cannot be read: {error}"))?;
        if envelope.encryption_version != VERSION {
            return Err(format!(
                "its encryption has the version {:?}, and only {VERSION:?} is known",
                envelope.encryption_version
            ));
        }
        Ok(envelope)
    }

    /// What a key provider has written about the key.
    pub fn meta_of(&self, name: &str) -> Result<Option<Vec<u8>>, Why> {
        let decode = |text: &String| {
            BASE64
                .decode(text)
                .map_err(|_| format!("what {name} wrote in it is not in base64"))
        };
        self.meta.get(name).map(decode).transpose()
    }

    /// Encrypts a text. `meta` is written beside it as it is, in base64.
    pub fn seal(
        key: &[u8],
        (clear, aad): (&[u8], &[u8]),
        meta: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Result<Self, Why> {
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| format!("there is no randomness: {error}"))?;
        let sealed = with_key(key, &nonce, Payload { msg: clear, aad }, Way::Seal)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(Self {
            meta: meta
                .into_iter()
                .map(|(name, meta)| (name, BASE64.encode(meta)))
                .collect(),
            encrypted_data: BASE64.encode(bytes),
            encryption_version: VERSION.to_owned(),
            ..Self::default()
        })
    }

    /// Decrypts it.
    pub fn open(&self, key: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, Why> {
        let bytes = BASE64
            .decode(&self.encrypted_data)
            .map_err(|_| "what is encrypted in it is not in base64".to_owned())?;
        let (nonce, sealed) = bytes
            .split_at_checked(NONCE)
            .ok_or_else(|| "what is encrypted in it ends too early".to_owned())?;
        let nonce = nonce.try_into().expect("split at this length");
        with_key(key, nonce, Payload { msg: sealed, aad }, Way::Open).map(Zeroizing::new)
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("an envelope is plain text")
    }
}

#[derive(Clone, Copy)]
enum Way {
    Seal,
    Open,
}

fn with_key(key: &[u8], nonce: &[u8; NONCE], payload: Payload<'_, '_>, way: Way) -> Result<Vec<u8>, Why> {
    match key.len() {
        16 => run(&Aes128Gcm::new_from_slice(key), nonce, payload, way),
        24 => run(&Aes192Gcm::new_from_slice(key), nonce, payload, way),
        32 => run(&Aes256Gcm::new_from_slice(key), nonce, payload, way),
        length => Err(format!(
            "the key has {length} bytes, and AES-GCM needs 16, 24 or 32"
        )),
    }
}

fn run<C: Aead, E>(
    cipher: &Result<C, E>,
    nonce: &[u8; NONCE],
    payload: Payload<'_, '_>,
    way: Way,
) -> Result<Vec<u8>, Why>
where
    for<'n> &'n aes_gcm::aead::Nonce<C>: TryFrom<&'n [u8]>,
{
    let wrong = || "the key does not fit the method".to_owned();
    let cipher = cipher.as_ref().map_err(|_| wrong())?;
    let nonce = <&aes_gcm::aead::Nonce<C>>::try_from(&nonce[..]).map_err(|_| wrong())?;
    match way {
        Way::Seal => cipher
            .encrypt(nonce, payload)
            .map_err(|_| "it is too large to be encrypted".to_owned()),
        Way::Open => cipher
            .decrypt(nonce, payload)
            .map_err(|_| "it was changed, or encrypted with another key".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn sealed() -> Envelope {
        let meta = [("key_provider.pbkdf2.a".to_owned(), b"{}".to_vec())];
        Envelope::seal(&KEY, (b"state", b"aad"), meta).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_with_its_key_and_nothing_else() {
        let text = Envelope {
            serial: Some(7),
            lineage: Some("l".to_owned()),
            ..sealed()
        }
        .to_text();
        assert!(Envelope::is_one(&text) && !text.contains("state"));
        let read = Envelope::parse(&text).unwrap();
        assert_eq!(read.serial, Some(7));
        assert_eq!(
            read.meta_of("key_provider.pbkdf2.a").unwrap().as_deref(),
            Some(&b"{}"[..])
        );
        assert_eq!(&**read.open(&KEY, b"aad").unwrap(), b"state");
        read.open(&[8; 32], b"aad").unwrap_err();
        read.open(&KEY, b"other").unwrap_err();
        read.open(&KEY[..31], b"aad").unwrap_err();
    }

    #[test]
    fn keys_of_every_length_that_aes_has_serve() {
        for length in [16, 24, 32] {
            let envelope = Envelope::seal(&KEY[..length], (b"state", b""), []).unwrap();
            assert_eq!(&**envelope.open(&KEY[..length], b"").unwrap(), b"state");
        }
    }

    #[test]
    fn damage_is_an_error() {
        let good = sealed();
        for broken in [
            Envelope {
                encrypted_data: "AAAA".to_owned(),
                ..good.clone()
            },
            Envelope {
                encrypted_data: "!".to_owned(),
                ..good.clone()
            },
        ] {
            broken.open(&KEY, b"aad").unwrap_err();
        }
        Envelope::parse(&good.to_text().replace("v0", "v9")).unwrap_err();
        Envelope::parse("{}").unwrap_err();
        assert!(!Envelope::is_one("{}"));
    }
}
