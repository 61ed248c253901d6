//! Encryption under symmetric keys: AES-256-GCM, with the encryption context as authenticated data.
//!
//! A ciphertext names its key and the generation of its material, so that decryption finds both:
//! `01 02`, length and text of the key ARN, generation, 12 bytes of nonce, then what AES-GCM gives.

use std::collections::BTreeMap;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::errors::{Error, invalid, unsupported};
use super::grants::dry_run;
use super::params::{Input, missing};
use super::world::{Key, Names, REFERENCE};
use super::{Aws, Call, random};

/// What every ciphertext begins with.
const HEAD: [u8; 2] = [1, 2];

const ALGORITHMS: &[&str] = &[
    "SYMMETRIC_DEFAULT",
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "SM2PKE",
];

/// Encrypts up to 4096 bytes.
pub fn encrypt(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let plaintext = call
        .input
        .blob("Plaintext", 1..=4096)?
        .ok_or_else(|| missing("Plaintext"))?;
    let context = context(call.input, "EncryptionContext")?;
    let algorithm = call.input.choice("EncryptionAlgorithm", ALGORITHMS)?;
    let dry = call.input.flag("DryRun")?;
    let key = world.key(call, Names::Any)?;
    check(key, "Encrypt", algorithm)?;
    if dry {
        return Err(dry_run());
    }
    let blob = seal(key, &plaintext, &context)?;
    key.used("Encrypt", call.now);
    Ok(
        json!({ "CiphertextBlob": STANDARD.encode(blob), "KeyId": key.arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT" }),
    )
}

/// Decrypts what a key of the sandbox encrypted.
pub fn decrypt(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let blob = call
        .input
        .blob("CiphertextBlob", 1..=6144)?
        .ok_or_else(|| missing("CiphertextBlob"))?;
    let context = context(call.input, "EncryptionContext")?;
    let algorithm = call.input.choice("EncryptionAlgorithm", ALGORITHMS)?;
    let dry = call.input.flag("DryRun")?;
    let wanted = call.input.text("KeyId", REFERENCE)?;
    let key = opener(world, call, &blob, wanted)?;
    check(key, "Decrypt", algorithm)?;
    let (plaintext, material) = open(key, &blob, &context)?;
    if dry {
        return Err(dry_run());
    }
    key.used("Decrypt", call.now);
    Ok(json!({
        "KeyId": key.arn,
        "Plaintext": STANDARD.encode(plaintext),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": material,
    }))
}

/// Decrypts under one key and encrypts under another.
pub fn re_encrypt(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let blob = call
        .input
        .blob("CiphertextBlob", 1..=6144)?
        .ok_or_else(|| missing("CiphertextBlob"))?;
    let from = context(call.input, "SourceEncryptionContext")?;
    let to = context(call.input, "DestinationEncryptionContext")?;
    let wanted = call.input.text("SourceKeyId", REFERENCE)?;
    let destination = call.input.required("DestinationKeyId", REFERENCE)?;
    let source_algorithm = call.input.choice("SourceEncryptionAlgorithm", ALGORITHMS)?;
    let algorithm = call.input.choice("DestinationEncryptionAlgorithm", ALGORITHMS)?;
    let source = opener(world, call, &blob, wanted)?;
    check(source, "ReEncryptFrom", source_algorithm)?;
    let (plaintext, source_material) = open(source, &blob, &from)?;
    source.used("ReEncrypt", call.now);
    let source_arn = source.arn.clone();
    let key = world.find(call, destination, Names::Any)?;
    check(key, "ReEncryptTo", algorithm)?;
    let blob = seal(key, &plaintext, &to)?;
    key.used("ReEncrypt", call.now);
    Ok(json!({
        "CiphertextBlob": STANDARD.encode(blob),
        "SourceKeyId": source_arn,
        "KeyId": key.arn,
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": source_material,
        "DestinationKeyMaterialId": key.materials.last().map(|material| material.id.as_str()),
    }))
}

/// Makes a data key: plain, and encrypted under the key.
pub fn generate_data_key(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let (mut reply, plaintext) = data_key(world, call, "GenerateDataKey")?;
    reply["Plaintext"] = json!(STANDARD.encode(plaintext));
    Ok(reply)
}

/// Makes a data key of which only the encrypted form is shown.
pub fn generate_data_key_without_plaintext(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    data_key(world, call, "GenerateDataKeyWithoutPlaintext").map(|(reply, _)| reply)
}

fn data_key(world: &mut Aws, call: &Call, action: &str) -> Result<(Value, Vec<u8>), Error> {
    let spec = call.input.choice("KeySpec", &["AES_256", "AES_128"])?;
    let count = call.input.integer("NumberOfBytes", 1..=1024)?;
    let length = match (spec, count) {
        (Some("AES_256"), None) => 32,
        (Some(_), None) => 16,
        (None, Some(count)) => usize::try_from(count).map_err(|_| invalid("NumberOfBytes"))?,
        _ => return Err(invalid("Please specify either number of bytes or key spec.")),
    };
    let context = context(call.input, "EncryptionContext")?;
    let dry = call.input.flag("DryRun")?;
    let key = world.key(call, Names::Any)?;
    check(key, action, None)?;
    if key.spec != "SYMMETRIC_DEFAULT" {
        return Err(wrong_usage(key, action));
    }
    if dry {
        return Err(dry_run());
    }
    let mut plaintext = vec![0; length];
    random(&mut plaintext)?;
    let blob = seal(key, &plaintext, &context)?;
    key.used(action, call.now);
    let reply = json!({
        "CiphertextBlob": STANDARD.encode(blob),
        "KeyId": key.arn,
        "KeyMaterialId": key.materials.last().map(|material| material.id.as_str()),
    });
    Ok((reply, plaintext))
}

/// Makes random bytes, of no key.
pub fn generate_random(_: &mut Aws, call: &Call) -> Result<Value, Error> {
    let count = call
        .input
        .integer("NumberOfBytes", 1..=1024)?
        .ok_or_else(|| missing("NumberOfBytes"))?;
    let mut bytes = vec![0; usize::try_from(count).map_err(|_| invalid("NumberOfBytes"))?];
    random(&mut bytes)?;
    Ok(json!({ "Plaintext": STANDARD.encode(bytes) }))
}

fn context(input: Input, member: &str) -> Result<BTreeMap<String, String>, Error> {
    let context = input.map(member)?;
    if context.values().any(String::is_empty) || context.keys().any(String::is_empty) {
        return Err(invalid(
            "Invalid encryption context: names and values must not be empty.",
        ));
    }
    Ok(context)
}

/// Checks that a key can do this now.
fn check(key: &Key, action: &str, algorithm: Option<&str>) -> Result<(), Error> {
    key.check_enabled()?;
    if key.usage != "ENCRYPT_DECRYPT" {
        return Err(wrong_usage(key, action));
    }
    if key.spec != "SYMMETRIC_DEFAULT" {
        return Err(unsupported(
            "Encryption under asymmetric keys is not emulated by the sandbox.",
        ));
    }
    if key.kept.is_some() {
        return Err(unsupported(
            "Encryption under keys in custom key stores is not emulated by the sandbox.",
        ));
    }
    if algorithm.is_some_and(|algorithm| algorithm != "SYMMETRIC_DEFAULT") {
        return Err(Error::new(
            "InvalidKeyUsageException",
            format!(
                "Algorithm is not supported by key spec {} of {}.",
                key.spec, key.arn
            ),
        ));
    }
    Ok(())
}

fn wrong_usage(key: &Key, action: &str) -> Error {
    let text = format!(
        "{} key usage is {} which is not valid for {action}.",
        key.arn, key.usage
    );
    Error::new("InvalidKeyUsageException", text)
}

fn seal(key: &Key, plaintext: &[u8], context: &BTreeMap<String, String>) -> Result<Vec<u8>, Error> {
    let broken = || Error::bare("KMSInternalException").status(500);
    let material = key.materials.last().ok_or_else(broken)?;
    let cipher = Aes256Gcm::new_from_slice(&material.secret()?).map_err(|_| broken())?;
    let mut nonce = [0; 12];
    random(&mut nonce)?;
    let aad = authenticated(key.known_as(), context);
    let sealed = cipher
        .encrypt(
            &Nonce::from(nonce),
            Payload {
                msg: plaintext,
                aad: &aad,
            },
        )
        .map_err(|_| broken())?;
    let length = u16::try_from(key.arn.len()).map_err(|_| broken())?;
    let generation = u32::try_from(key.materials.len() - 1).map_err(|_| broken())?;
    let mut blob = HEAD.to_vec();
    blob.extend(length.to_be_bytes());
    blob.extend(key.arn.as_bytes());
    blob.extend(generation.to_be_bytes());
    blob.extend(nonce);
    blob.extend(sealed);
    Ok(blob)
}

/// The plain text, and the id of the material that was used.
fn open(key: &Key, blob: &[u8], context: &BTreeMap<String, String>) -> Result<(Vec<u8>, String), Error> {
    let refused = || Error::bare("InvalidCiphertextException");
    let (_, generation, nonce, sealed) = take_apart(blob).ok_or_else(refused)?;
    let material = key.materials.get(generation).ok_or_else(refused)?;
    let cipher = Aes256Gcm::new_from_slice(&material.secret()?).map_err(|_| refused())?;
    let aad = authenticated(key.known_as(), context);
    let plaintext = cipher
        .decrypt(
            &Nonce::from(nonce),
            Payload {
                msg: sealed,
                aad: &aad,
            },
        )
        .map_err(|_| refused())?;
    Ok((plaintext, material.id.clone()))
}

/// The key that a ciphertext names, which must be the one that the caller wants.
fn opener<'w>(
    world: &'w mut Aws,
    call: &Call,
    blob: &[u8],
    wanted: Option<&str>,
) -> Result<&'w mut Key, Error> {
    let refused = || Error::bare("InvalidCiphertextException");
    let (arn, ..) = take_apart(blob).ok_or_else(refused)?;
    // What one key of a multi-Region key encrypted, the others decrypt.
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let own = match parts[..] {
        [head, partition, service, _, account, resource] if resource.starts_with("key/mrk-") => {
            format!(
                "{head}:{partition}:{service}:{}:{account}:{resource}",
                call.region
            )
        }
        _ => arn.to_owned(),
    };
    let arn = own.as_str();
    if let Some(wanted) = wanted
        && world.find(call, wanted, Names::Any)?.arn != arn
    {
        return Err(Error::new(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        ));
    }
    world.find(call, arn, Names::Foreign).map_err(|why| {
        // A key that is gone is told apart; a text that was never of this region is not.
        if why
            .message
            .as_deref()
            .is_some_and(|text| text.ends_with("does not exist"))
        {
            why
        } else {
            refused()
        }
    })
}

fn take_apart(blob: &[u8]) -> Option<(&str, usize, [u8; 12], &[u8])> {
    let rest = blob.strip_prefix(&HEAD)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (arn, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let (generation, rest) = rest.split_first_chunk::<4>()?;
    let (nonce, sealed) = rest.split_first_chunk::<12>()?;
    let generation = usize::try_from(u32::from_be_bytes(*generation)).ok()?;
    Some((std::str::from_utf8(arn).ok()?, generation, *nonce, sealed))
}

impl Key {
    /// By what ciphertexts know the key: all regions know a multi-Region key by its id.
    fn known_as(&self) -> &str {
        if self.multi_region { &self.id } else { &self.arn }
    }
}

/// Every part with its length before it, so that no two contexts look alike.
fn authenticated(arn: &str, context: &BTreeMap<String, String>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pairs = context
        .iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    for part in std::iter::once(arn).chain(pairs) {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_ciphertext_is_refused() {
        let blob = [&HEAD[..], &[0, 3], b"arn", &[0, 0, 0, 1], &[7; 12], b"sealed"].concat();
        assert_eq!(take_apart(&blob), Some(("arn", 1, [7; 12], &b"sealed"[..])));
        for length in 0..blob.len() - 6 {
            assert_eq!(take_apart(&blob[..length]), None, "{length}");
        }
    }

    #[test]
    fn no_two_contexts_look_alike() {
        let one = BTreeMap::from([("a".to_owned(), "bc".to_owned())]);
        let two = BTreeMap::from([("ab".to_owned(), "c".to_owned())]);
        assert_ne!(authenticated("x", &one), authenticated("x", &two));
    }
}
