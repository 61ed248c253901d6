//! Wrapping of key material under a public key, as clouds ask for it before an import.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::{Oaep, RsaPublicKey};

use crate::value::Value;

/// `rsa_oaep_sha256(public_key, material)`: the material (base64), encrypted with RSA-OAEP with SHA-256 under a public key
/// (base64 of a DER `SubjectPublicKeyInfo`), in base64.
///
/// The result is not the same twice; it belongs into operations only.
pub(super) fn function(arguments: &[Value]) -> Result<Value, String> {
    let [public_key, material] = arguments else {
        return Err(format!("two arguments are needed, not {}", arguments.len()));
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
    let padding = Oaep::new::<rsa::sha2::Sha256>();
    let wrapped = key
        .encrypt(&mut rsa::rand_core::OsRng, padding, &material)
        .map_err(|_| format!("{} bytes do not fit under this public key", material.len()))?;
    Ok(Value::string(&STANDARD.encode(wrapped)))
}

#[cfg(test)]
mod tests {
    use rsa::RsaPrivateKey;
    use rsa::pkcs8::EncodePublicKey as _;

    use super::*;

    fn pair() -> (RsaPrivateKey, Value) {
        let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).expect("a key");
        let public = private.to_public_key().to_public_key_der().expect("a public key");
        (private, Value::string(&STANDARD.encode(public.as_bytes())))
    }

    #[test]
    fn who_has_the_private_key_unwraps_the_material() {
        let (private, public) = pair();
        let wrap = || {
            let wrapped = function(&[public.clone(), Value::string(&STANDARD.encode("material"))]);
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
            let why = function(&[key, Value::string(&material)]).expect_err("refused");
            assert!(!why.contains(&material), "{why}");
        }
    }
}
