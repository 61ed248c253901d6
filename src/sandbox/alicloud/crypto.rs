//! Encryption with keys that never leave the service: AES-GCM over the text, bound to key and context.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::errors::Failure;
use super::keys::Key;
use super::material::{KeyVersion, random};
use super::{Call, Region};

/// How every ciphertext of the sandbox begins.
const MAGIC: &[u8; 4] = b"KFA2";
const NONCE: usize = 12;
/// The most that `Encrypt` takes: 6144 bytes in base64.
const LONGEST_TEXT: usize = 8192;

/// A ciphertext taken apart.
struct Sealed {
    key_id: String,
    version_id: String,
    nonce: [u8; NONCE],
    body: Vec<u8>,
}

impl Sealed {
    fn to_blob(&self) -> String {
        let mut bytes = MAGIC.to_vec();
        for text in [&self.key_id, &self.version_id] {
            bytes.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&self.body);
        STANDARD.encode(bytes)
    }

    fn of_blob(blob: &str) -> Option<Self> {
        let bytes = STANDARD.decode(blob).ok()?;
        let rest = bytes.strip_prefix(MAGIC)?;
        let (key_id, rest) = text(rest)?;
        let (version_id, rest) = text(rest)?;
        let (nonce, body) = rest.split_at_checked(NONCE)?;
        Some(Self {
            key_id,
            version_id,
            nonce: nonce.try_into().ok()?,
            body: body.to_vec(),
        })
    }
}

fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((String::from_utf8(text.to_vec()).ok()?, rest))
}

/// It should be base64, and any other text is taken too and comes back as it was.
pub(crate) fn encrypt(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let context = context(call)?;
    let plaintext = call.params.need("Plaintext")?;
    if plaintext.len() > LONGEST_TEXT {
        return Err(Failure::invalid("Plaintext"));
    }
    let key = encrypting_key(region, call)?;
    seal(key, plaintext, &context)
}

pub(crate) fn generate_data_key(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let context = context(call)?;
    let data_key = fresh_data_key(call)?;
    let data_key = STANDARD.encode(data_key);
    let mut reply = seal(encrypting_key(region, call)?, &data_key, &context)?;
    reply["Plaintext"] = Value::from(data_key);
    Ok(reply)
}

pub(crate) fn generate_data_key_without_plaintext(
    region: &mut Region,
    call: &Call,
) -> Result<Value, Failure> {
    let context = context(call)?;
    let data_key = fresh_data_key(call)?;
    seal(
        encrypting_key(region, call)?,
        &STANDARD.encode(data_key),
        &context,
    )
}

pub(crate) fn decrypt(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let context = context(call)?;
    let bad = || Failure::invalid("CiphertextBlob");
    let sealed = Sealed::of_blob(call.params.need("CiphertextBlob")?).ok_or_else(bad)?;
    let key = region.keys.get(&sealed.key_id).ok_or_else(Failure::no_key)?;
    key.need_enabled()?;
    let version = key
        .versions
        .iter()
        .find(|version| version.id == sealed.version_id)
        .ok_or_else(bad)?;
    let bound = bound(&sealed.key_id, &context);
    let payload = Payload {
        msg: &sealed.body,
        aad: &bound,
    };
    let plaintext = cipher(version)?
        .decrypt(&Nonce::from(sealed.nonce), payload)
        .map_err(|_| bad())?;
    Ok(json!({
        "Plaintext": String::from_utf8(plaintext).map_err(|_| bad())?,
        "KeyId": sealed.key_id,
        "KeyVersionId": sealed.version_id,
    }))
}

fn encrypting_key<'a>(region: &'a mut Region, call: &Call) -> Result<&'a Key, Failure> {
    let key = region.named_key(call)?;
    key.need_enabled()?;
    if key.encrypts() {
        Ok(key)
    } else {
        Err(Failure::service(
            400,
            "UnsupportedOperation",
            "This action is not supported.",
        ))
    }
}

fn seal(key: &Key, plaintext: &str, context: &str) -> Result<Value, Failure> {
    let version = key.versions.last().ok_or_else(Failure::internal)?;
    let nonce = random::<NONCE>()?;
    let bound = bound(&key.id, context);
    let payload = Payload {
        msg: plaintext.as_bytes(),
        aad: &bound,
    };
    let body = cipher(version)?
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| Failure::internal())?;
    let sealed = Sealed {
        key_id: key.id.clone(),
        version_id: version.id.clone(),
        nonce,
        body,
    };
    Ok(json!({ "CiphertextBlob": sealed.to_blob(), "KeyId": key.id, "KeyVersionId": version.id }))
}

fn cipher(version: &KeyVersion) -> Result<Aes256Gcm, Failure> {
    Aes256Gcm::new_from_slice(&version.bytes()?).map_err(|_| Failure::internal())
}

fn bound(key_id: &str, context: &str) -> Vec<u8> {
    format!("{key_id}\n{context}").into_bytes()
}

fn fresh_data_key(call: &Call) -> Result<Vec<u8>, Failure> {
    let spec = call.params.word("KeySpec", &["AES_256", "AES_128"])?;
    let wanted = call.params.number("NumberOfBytes", 1, 1024)?;
    let length = match (wanted, spec) {
        (Some(length), _) => usize::try_from(length).unwrap_or(32),
        (None, Some("AES_128")) => 16,
        (None, _) => 32,
    };
    Ok(random::<1024>()?[..length].to_vec())
}

/// The encryption context with sorted names: a JSON object of texts.
fn context(call: &Call) -> Result<String, Failure> {
    let bad = || Failure::invalid("EncryptionContext");
    let Some(document) = call.params.json("EncryptionContext")? else {
        return Ok("{}".to_owned());
    };
    let object = document
        .as_object()
        .filter(|object| object.values().all(Value::is_string))
        .ok_or_else(bad)?;
    let mut pairs: Vec<(&String, &Value)> = object.iter().collect();
    pairs.sort_by_key(|(name, _)| *name);
    let sorted: Map<String, Value> = pairs
        .into_iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Ok(Value::from(sorted).to_string())
}

#[cfg(test)]
mod tests {
    use super::super::test_support::Bench;

    #[track_caller]
    fn check(context: &str, other: &str, expected: Result<&str, &str>) {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        let params = [
            ("KeyId", id.as_str()),
            ("Plaintext", "aGk="),
            ("EncryptionContext", context),
        ];
        let sealed = bench.ok("Encrypt", &params);
        let blob = sealed["CiphertextBlob"].as_str().unwrap();
        let opened = bench.try_call(
            "Decrypt",
            &[("CiphertextBlob", blob), ("EncryptionContext", other)],
        );
        let opened = opened.map(|reply| reply["Plaintext"].as_str().unwrap().to_owned());
        assert_eq!(opened.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn the_order_of_a_context_does_not_matter() {
        check(r#"{"a":"1","b":"2"}"#, r#"{"b":"2","a":"1"}"#, Ok("aGk="));
    }

    #[test]
    fn no_context_is_the_empty_context() {
        check("", "{}", Ok("aGk="));
    }

    #[test]
    fn another_context_opens_nothing() {
        check(r#"{"a":"1"}"#, r#"{"a":"2"}"#, Err("400 InvalidParameter"));
    }

    #[test]
    fn garbage_is_no_ciphertext() {
        for blob in ["!", "AAAA", "S0ZBMv8=", "S0ZBMgAA"] {
            Bench::new().fails("Decrypt", &[("CiphertextBlob", blob)], "400 InvalidParameter");
        }
    }

    #[test]
    fn old_versions_still_open_what_they_sealed() {
        let mut bench = Bench::new();
        let id = bench.key(&[("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")]);
        let sealed = bench.ok("Encrypt", &[("KeyId", &id), ("Plaintext", "aGk=")]);
        bench.wait_days(8);
        let again = bench.ok("Encrypt", &[("KeyId", &id), ("Plaintext", "aGk=")]);
        assert_ne!(sealed["KeyVersionId"], again["KeyVersionId"]);
        let blob = sealed["CiphertextBlob"].as_str().unwrap();
        assert_eq!(
            bench.ok("Decrypt", &[("CiphertextBlob", blob)])["Plaintext"],
            "aGk="
        );
    }

    #[test]
    fn a_text_that_is_no_base64_comes_back_as_it_was() {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        let sealed = bench.ok("Encrypt", &[("KeyId", &id), ("Plaintext", "Pass word!")]);
        let blob = sealed["CiphertextBlob"].as_str().unwrap();
        assert_eq!(
            bench.ok("Decrypt", &[("CiphertextBlob", blob)])["Plaintext"],
            "Pass word!"
        );
    }

    #[test]
    fn a_text_has_a_greatest_length() {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        let longest = "a".repeat(8192);
        bench.ok("Encrypt", &[("KeyId", &id), ("Plaintext", &longest)]);
        let longer = format!("{longest}a");
        bench.fails(
            "Encrypt",
            &[("KeyId", &id), ("Plaintext", &longer)],
            "400 InvalidParameter",
        );
    }

    #[test]
    fn a_data_key_is_as_long_as_wanted() {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        let reply = bench.ok("GenerateDataKey", &[("KeyId", &id), ("NumberOfBytes", "3")]);
        assert_eq!(reply["Plaintext"].as_str().unwrap().len(), 4);
        let blob = reply["CiphertextBlob"].as_str().unwrap();
        assert_eq!(
            bench.ok("Decrypt", &[("CiphertextBlob", blob)])["Plaintext"],
            reply["Plaintext"]
        );
    }

    #[test]
    fn a_signing_key_does_not_encrypt() {
        let mut bench = Bench::new();
        let id = bench.key(&[("KeySpec", "EC_P256")]);
        bench.fails(
            "Encrypt",
            &[("KeyId", &id), ("Plaintext", "aGk=")],
            "400 UnsupportedOperation",
        );
    }
}
