//! Wrapping of key material under a public key, as clouds ask for it before an import.

use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{Array, BlockCipherEncrypt, KeyInit, consts::U16};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::{Oaep, RsaPublicKey};

use crate::value::Value;

/// What stands before the length of what an AES key wraps with padding (RFC 5649).
const MARK: [u8; 4] = [0xa6, 0x59, 0x59, 0xa6];

/// `wrapped(algorithm, public_key, material)`: the material (base64), encrypted under a public key (base64 of a DER
/// `SubjectPublicKeyInfo`), in base64.
///
/// The result is not the same twice; it belongs into operations only.
pub(super) fn function(arguments: &[Value]) -> Result<Value, String> {
    let [algorithm, public_key, material] = arguments else {
        return Err(format!("three arguments are needed, not {}", arguments.len()));
    };
    let bytes = |value: &Value, what: &str| {
        let text = value.as_str().ok_or_else(|| format!("{what} must be a string"))?;
        STANDARD
            .decode(text)
            .map_err(|_| format!("{what} is not written in base64"))
    };
    let key = bytes(public_key, "the public key")?;
    let key = RsaPublicKey::from_public_key_der(&key).map_err(|_| "the public key is no RSA key")?;
    let material = bytes(material, "the material")?;
    let wrapped = match algorithm.as_str() {
        Some("RSAES_OAEP_SHA_256") => under(&key, &material)?,
        Some("RSA_AES_KEY_WRAP_SHA_256") => around(&key, &material)?,
        _ => return Err("there is no such algorithm".to_owned()),
    };
    Ok(Value::string(&STANDARD.encode(wrapped)))
}

/// Encrypted with the public key itself, which takes a little only.
fn under(key: &RsaPublicKey, material: &[u8]) -> Result<Vec<u8>, String> {
    let padding = Oaep::new::<rsa::sha2::Sha256>();
    key.encrypt(&mut rsa::rand_core::OsRng, padding, material)
        .map_err(|_| format!("{} bytes do not fit under this public key", material.len()))
}

/// Encrypted with a key of AES, which stands before it, encrypted with the public key.
fn around(key: &RsaPublicKey, material: &[u8]) -> Result<Vec<u8>, String> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| "the machine has no randomness")?;
    let mut wrapped = under(key, &secret)?;
    let inner = padded(&Aes256::new(&secret.into()), material).ok_or("the material is too long")?;
    wrapped.extend(inner);
    Ok(wrapped)
}

/// Wrapped with a key of AES, with padding.
fn padded(cipher: &impl BlockCipherEncrypt<BlockSize = U16>, plain: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(plain.len()).ok().filter(|length| *length > 0)?;
    let mut head = [0; 8];
    head[..4].copy_from_slice(&MARK);
    head[4..].copy_from_slice(&length.to_be_bytes());
    let mut blocks: Vec<[u8; 8]> = plain
        .chunks(8)
        .map(|chunk| std::array::from_fn(|i| chunk.get(i).copied().unwrap_or(0)))
        .collect();
    if let [one] = &mut blocks[..] {
        (head, *one) = encrypted(cipher, head, *one);
    } else {
        let count = blocks.len();
        for step in 1..=6 * count {
            let at = (step - 1) % count;
            (head, blocks[at]) = encrypted(cipher, head, blocks[at]);
            head = (u64::from_be_bytes(head) ^ step as u64).to_be_bytes();
        }
    }
    Some([&head[..], &blocks.concat()].concat())
}

/// One block of the cipher, in halves.
fn encrypted(
    cipher: &impl BlockCipherEncrypt<BlockSize = U16>,
    left: [u8; 8],
    right: [u8; 8],
) -> ([u8; 8], [u8; 8]) {
    let mut block = Array::<u8, U16>::default();
    block[..8].copy_from_slice(&left);
    block[8..].copy_from_slice(&right);
    cipher.encrypt_block(&mut block);
    let half = |at: usize| std::array::from_fn(|i| block[at + i]);
    (half(0), half(8))
}

#[cfg(test)]
mod tests {
    use rsa::RsaPrivateKey;
    use rsa::pkcs8::EncodePublicKey as _;

    use super::*;

    const OAEP: &str = "RSAES_OAEP_SHA_256";

    fn pair() -> (RsaPrivateKey, Value) {
        let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).expect("a key");
        let public = private.to_public_key().to_public_key_der().expect("a public key");
        (private, Value::string(&STANDARD.encode(public.as_bytes())))
    }

    #[test]
    fn who_has_the_private_key_unwraps_the_material() {
        let (private, public) = pair();
        let wrap = || {
            let material = Value::string(&STANDARD.encode("material"));
            let wrapped = function(&[Value::string(OAEP), public.clone(), material]);
            let wrapped = wrapped
                .expect("wrapped")
                .as_str()
                .map(|text| STANDARD.decode(text));
            wrapped.expect("text").expect("base64")
        };
        let (first, second) = (wrap(), wrap());
        let plain = private.decrypt(Oaep::new::<rsa::sha2::Sha256>(), &first);
        assert_eq!(plain.expect("plain"), b"material");
        assert_ne!(first, second);
    }

    #[test]
    fn what_cannot_be_wrapped_is_not_told() {
        let (_, public) = pair();
        let long = STANDARD.encode([7; 63]);
        for (key, material) in [
            (public.clone(), "secret!".to_owned()),
            (Value::string("AAAA"), "AAAA".to_owned()),
            (public, long),
        ] {
            let arguments = [Value::string(OAEP), key, Value::string(&material)];
            let why = function(&arguments).expect_err("refused");
            assert!(!why.contains(&material), "{why}");
        }
    }

    #[track_caller]
    fn check_padded(plain: &str, expected: &str) {
        // The key and the results are those of RFC 5649.
        let key = hex::decode("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8").unwrap();
        let cipher = aes_gcm::aes::Aes192::new_from_slice(&key).unwrap();
        let found = padded(&cipher, &hex::decode(plain).unwrap()).unwrap();
        assert_eq!(hex::encode(found), expected);
    }

    #[test]
    fn material_is_padded_as_documented() {
        check_padded("466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f");
        check_padded(
            "c37b7e6492584340bed12207808941155068f738",
            "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
        );
    }

    #[test]
    fn long_material_goes_around_another_key() {
        let (private, public) = pair();
        let algorithm = Value::string("RSA_AES_KEY_WRAP_SHA_256");
        let wrap = |length: usize| {
            let material = Value::string(&STANDARD.encode(vec![7; length]));
            function(&[algorithm.clone(), public.clone(), material])
        };
        let wrapped = wrap(2000).unwrap();
        let wrapped = STANDARD.decode(wrapped.as_str().unwrap()).unwrap();
        let (key, inner) = wrapped.split_at(128);
        let key = private.decrypt(Oaep::new::<rsa::sha2::Sha256>(), key).unwrap();
        assert_eq!((key.len(), inner.len()), (32, 2008));
        assert!(wrap(0).is_err());
    }
}
