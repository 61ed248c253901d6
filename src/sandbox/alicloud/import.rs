//! Keys whose material comes from outside: the offer, the import, and the removal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Oaep, Pkcs1v15Encrypt, RsaPrivateKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::errors::Failure;
use super::keys::{Key, State};
use super::material::{KeyVersion, pkcs8, public_pem, random, rsa_key};
use super::{Call, Region, nothing, time};

const DAY: i64 = 86_400;

/// A wrapping key with its token, good for a day.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Offer {
    wrapping_key: String,
    algorithm: String,
    token: String,
    expires_at: i64,
}

impl Offer {
    fn unwrap(&self, wrapped: &[u8]) -> Option<Vec<u8>> {
        let der = STANDARD.decode(&self.wrapping_key).ok()?;
        let key = RsaPrivateKey::from_pkcs8_der(&der).ok()?;
        let material = match self.algorithm.as_str() {
            "RSAES_OAEP_SHA_256" => key.decrypt(Oaep::new::<rsa::sha2::Sha256>(), wrapped),
            _ => key.decrypt(Pkcs1v15Encrypt, wrapped),
        };
        material.ok()
    }
}

pub(crate) fn get_parameters_for_import(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = external_key(region, call)?;
    let params = call.params;
    params.need("WrappingAlgorithm")?;
    params.need("WrappingKeySpec")?;
    let algorithms = ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_256"];
    let algorithm = params.word("WrappingAlgorithm", &algorithms)?.unwrap_or_default();
    params.word("WrappingKeySpec", &["RSA_2048"])?;
    let wrapping_key = rsa_key(2048)?;
    let offer = Offer {
        wrapping_key: STANDARD.encode(pkcs8(&wrapping_key)?),
        algorithm: algorithm.to_owned(),
        token: STANDARD.encode(random::<48>()?),
        expires_at: call.now + DAY,
    };
    let body = public_pem(&wrapping_key)?
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect::<String>();
    let reply = json!({
        "KeyId": key.id,
        "PublicKey": body,
        "ImportToken": offer.token,
        "TokenExpireTime": time(offer.expires_at),
    });
    key.import = Some(offer);
    Ok(reply)
}

pub(crate) fn import_key_material(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let key = external_key(region, call)?;
    let params = call.params;
    let wrapped = params.need("EncryptedKeyMaterial")?;
    let token = params.need("ImportToken")?;
    params.need("KeyMaterialExpireUnix")?;
    let expires = params
        .number("KeyMaterialExpireUnix", 0, i64::MAX)?
        .filter(|at| *at > 0);
    if key.state == State::PendingDeletion {
        return Err(Failure::state_not_modified());
    }
    if expires.is_some_and(|at| at <= call.now) {
        return Err(Failure::invalid("KeyMaterialExpireUnix"));
    }
    let offer = key
        .import
        .as_ref()
        .filter(|offer| offer.token == token)
        .ok_or_else(|| refuse("InvalidImportToken"))?;
    if offer.expires_at <= call.now {
        return Err(refuse("ExpiredImportToken"));
    }
    let material = STANDARD
        .decode(wrapped)
        .ok()
        .and_then(|wrapped| offer.unwrap(&wrapped));
    let material = material
        .filter(|bytes| bytes.len() == size(&key.spec))
        .ok_or_else(|| refuse("InvalidKeyMaterial"))?;
    let fingerprint = hex::encode(Sha256::digest(&material));
    if key
        .imported
        .as_ref()
        .is_some_and(|imported| *imported != fingerprint)
    {
        return Err(refuse("InvalidKeyMaterial"));
    }
    let version = KeyVersion::new(&stretch(material), call.now);
    key.versions = vec![version];
    key.imported = Some(fingerprint);
    key.material_expires_at = expires;
    if key.state == State::PendingImport {
        key.state = State::Enabled;
    }
    Ok(nothing())
}

pub(crate) fn delete_key_material(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    forget(external_key(region, call)?);
    Ok(nothing())
}

/// Takes the imported material away.
pub(crate) fn forget(key: &mut Key) {
    key.versions.clear();
    key.material_expires_at = None;
    if key.state != State::PendingDeletion {
        key.state = State::PendingImport;
    }
}

fn external_key<'a>(region: &'a mut Region, call: &Call) -> Result<&'a mut Key, Failure> {
    let key = region.managed_key(call)?;
    if key.origin == "EXTERNAL" {
        Ok(key)
    } else {
        Err(refuse("Unsupported.Origin"))
    }
}

fn size(spec: &str) -> usize {
    match spec {
        "Aliyun_AES_128" | "Aliyun_SM4" => 16,
        "Aliyun_AES_192" => 24,
        _ => 32,
    }
}

/// Shorter keys are hashed to the length of the one cipher that the sandbox uses.
fn stretch(material: Vec<u8>) -> Vec<u8> {
    if material.len() == 32 {
        material
    } else {
        Sha256::digest(&material).to_vec()
    }
}

fn refuse(code: &str) -> Failure {
    Failure::service(400, code, format!("The request was rejected: {code}."))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use rsa::pkcs8::DecodePublicKey;
    use rsa::rand_core::OsRng;
    use rsa::{Pkcs1v15Encrypt, RsaPublicKey};

    use super::super::test_support::Bench;

    const WRAPPING: [(&str, &str); 2] = [
        ("WrappingAlgorithm", "RSAES_PKCS1_V1_5"),
        ("WrappingKeySpec", "RSA_2048"),
    ];

    fn import(bench: &mut Bench, id: &str, material: &[u8]) -> Result<(), String> {
        let offer = bench.ok(
            "GetParametersForImport",
            &[("KeyId", id), WRAPPING[0], WRAPPING[1]],
        );
        let der = STANDARD.decode(offer["PublicKey"].as_str().unwrap()).unwrap();
        let public = RsaPublicKey::from_public_key_der(&der).unwrap();
        let wrapped = STANDARD.encode(public.encrypt(&mut OsRng, Pkcs1v15Encrypt, material).unwrap());
        let token = offer["ImportToken"].as_str().unwrap();
        let params = [
            ("KeyId", id),
            ("EncryptedKeyMaterial", &wrapped),
            ("ImportToken", token),
            ("KeyMaterialExpireUnix", "0"),
        ];
        bench.try_call("ImportKeyMaterial", &params).map(|_| ())
    }

    #[test]
    fn imported_material_enables_the_key_and_only_the_same_may_come_back() {
        let mut bench = Bench::new();
        let id = bench.key(&[("Origin", "EXTERNAL")]);
        assert_eq!(bench.field(&id, "KeyState"), "PendingImport");
        assert_eq!(import(&mut bench, &id, &[7; 32]), Ok(()));
        assert_eq!(bench.field(&id, "KeyState"), "Enabled");
        bench.ok("DeleteKeyMaterial", &[("KeyId", &id)]);
        assert_eq!(bench.field(&id, "KeyState"), "PendingImport");
        assert_eq!(
            import(&mut bench, &id, &[8; 32]),
            Err("400 InvalidKeyMaterial".to_owned())
        );
        assert_eq!(import(&mut bench, &id, &[7; 32]), Ok(()));
    }

    #[test]
    fn a_key_made_by_the_service_takes_no_import() {
        let mut bench = Bench::new();
        let id = bench.key(&[]);
        bench.fails(
            "GetParametersForImport",
            &[("KeyId", &id), WRAPPING[0], WRAPPING[1]],
            "400 Unsupported.Origin",
        );
    }
}
