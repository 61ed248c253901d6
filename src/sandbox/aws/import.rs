//! Keys whose material is brought: the offer of a wrapping key, the import, the end of the material.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::errors::{Error, invalid, unsupported};
use super::keys::DAY;
use super::params::missing;
use super::rotation::Material;
use super::world::{Key, KeyState};
use super::{Aws, Call, public, random, seconds, wrapping};

/// The most offers that are kept of a key.
const MOST_OFFERS: usize = 16;

/// What is known of imports into a key. It holds wrapping keys, so it has no `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Imported {
    /// Of the first material; a key never takes another one.
    fingerprint: Option<String>,
    /// When the material expires.
    pub valid_to: Option<i64>,
    offers: Vec<Offer>,
}

/// A wrapping key with its token, good for a day.
#[derive(Clone, Serialize, Deserialize)]
struct Offer {
    token: String,
    #[serde(default = "first_algorithm")]
    algorithm: String,
    /// PKCS #8, in base64.
    wrapping_key: String,
    expires: i64,
}

/// The only one that there was at first.
fn first_algorithm() -> String {
    "RSAES_OAEP_SHA_256".to_owned()
}

impl Imported {
    /// A replica takes the material of its primary key only.
    pub fn of_replica(primary: &Key) -> Self {
        Self {
            fingerprint: primary.imported.fingerprint.clone(),
            ..Self::default()
        }
    }

    /// Adds what the metadata of a key tells.
    pub fn show(&self, key: &Key, shown: &mut Value) {
        if key.origin != "EXTERNAL" || key.materials.is_empty() {
            return;
        }
        match self.valid_to {
            None => shown["ExpirationModel"] = json!("KEY_MATERIAL_DOES_NOT_EXPIRE"),
            Some(at) => {
                shown["ExpirationModel"] = json!("KEY_MATERIAL_EXPIRES");
                shown["ValidTo"] = seconds(at);
            }
        }
    }
}

impl Key {
    /// Takes the material away whose time is over.
    pub fn expire_if_due(&mut self, now: i64) {
        if self.imported.valid_to.is_some_and(|at| at <= now) {
            self.lose_material();
        }
    }

    fn lose_material(&mut self) {
        self.materials.clear();
        self.private = None;
        self.imported.valid_to = None;
        if matches!(self.state, KeyState::Enabled | KeyState::Disabled) {
            self.state = KeyState::PendingImport;
        }
    }

    fn check_takes_material(&self) -> Result<(), Error> {
        if self.origin != "EXTERNAL" {
            return Err(unsupported(format!(
                "{} origin is {} which is not valid for this operation.",
                self.arn, self.origin
            )));
        }
        self.check_not_pending()
    }
}

/// Offers a public key under which the material is to be wrapped, and a token.
pub fn parameters(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let algorithm = call
        .input
        .choice("WrappingAlgorithm", wrapping::ALGORITHMS)?
        .ok_or_else(|| missing("WrappingAlgorithm"))?;
    let spec = call
        .input
        .choice("WrappingKeySpec", wrapping::SPECS)?
        .ok_or_else(|| missing("WrappingKeySpec"))?;
    let key = world.own_key(call, "GetParametersForImport")?;
    key.check_takes_material()?;
    if algorithm == "RSAES_PKCS1_V1_5" {
        return Err(unsupported(
            "KMS takes no material that is wrapped with RSAES_PKCS1_V1_5 any more.",
        ));
    }
    let bits = wrapping::bits(algorithm, spec).ok_or_else(|| {
        unsupported(format!(
            "Wrapping with {algorithm} under {spec} is not emulated by the sandbox."
        ))
    })?;
    let wrapping_key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).map_err(|_| broken())?;
    let public = wrapping_key
        .to_public_key()
        .to_public_key_der()
        .map_err(|_| broken())?;
    let private = wrapping_key.to_pkcs8_der().map_err(|_| broken())?;
    let mut token = [0; 48];
    random(&mut token)?;
    let offer = Offer {
        token: STANDARD.encode(token),
        algorithm: algorithm.to_owned(),
        wrapping_key: STANDARD.encode(private.as_bytes()),
        expires: call.now + DAY,
    };
    let reply = json!({
        "KeyId": key.arn,
        "ImportToken": offer.token,
        "PublicKey": STANDARD.encode(public.as_bytes()),
        "ParametersValidTo": seconds(offer.expires),
    });
    let offers = &mut key.imported.offers;
    if offers.len() >= MOST_OFFERS {
        offers.remove(0);
    }
    offers.push(offer);
    Ok(reply)
}

/// Takes material in. The same material may come again, with another end.
pub fn import(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let token = call
        .input
        .blob("ImportToken", 1..=6144)?
        .ok_or_else(|| missing("ImportToken"))?;
    let wrapped = call
        .input
        .blob("EncryptedKeyMaterial", 1..=6144)?
        .ok_or_else(|| missing("EncryptedKeyMaterial"))?;
    let valid_to = valid_to(call)?;
    let key = world.own_key(call, "ImportKeyMaterial")?;
    key.check_takes_material()?;
    let material = unwrap(key, &STANDARD.encode(token), &wrapped, call.now)?;
    let fingerprint = hex::encode(Sha256::digest(&material));
    let is_other = |known: &String| *known != fingerprint;
    let private = private_half(&key.spec, &material)?;
    let fits = private.is_some() || fits(&key.spec, material.len());
    if !fits || key.imported.fingerprint.as_ref().is_some_and(is_other) {
        return Err(Error::bare("IncorrectKeyMaterialException"));
    }
    key.private = private.map(|private| STANDARD.encode(private));
    key.materials = vec![Material::brought(&material, call.now)];
    key.imported.fingerprint = Some(fingerprint);
    key.imported.valid_to = valid_to;
    if key.state == KeyState::PendingImport {
        key.state = KeyState::Enabled;
    }
    let reply = json!({ "KeyId": key.arn, "KeyMaterialId": key.materials[0].id });
    if let Some(at) = valid_to {
        world.here(call).expect_event(at);
    }
    Ok(reply)
}

/// When the material is to expire.
fn valid_to(call: &Call) -> Result<Option<i64>, Error> {
    let model = call
        .input
        .choice(
            "ExpirationModel",
            &["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"],
        )?
        .unwrap_or("KEY_MATERIAL_EXPIRES");
    let at = call.input.instant("ValidTo")?;
    match (model, at) {
        ("KEY_MATERIAL_EXPIRES", None) => Err(invalid(
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
        )),
        ("KEY_MATERIAL_DOES_NOT_EXPIRE", Some(_)) => Err(invalid(
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        )),
        (_, Some(at)) if at <= call.now || at > call.now + 365 * DAY => Err(invalid(
            "The validTo date must be in the future, and at most 365 days ahead",
        )),
        (_, at) => Ok(at),
    }
}

fn unwrap(key: &Key, token: &str, wrapped: &[u8], now: i64) -> Result<Vec<u8>, Error> {
    let offer = key.imported.offers.iter().find(|offer| offer.token == token);
    let offer = offer.ok_or_else(|| Error::bare("InvalidImportTokenException"))?;
    if offer.expires <= now {
        return Err(Error::bare("ExpiredImportTokenException"));
    }
    let private = STANDARD.decode(&offer.wrapping_key).map_err(|_| broken())?;
    let private = RsaPrivateKey::from_pkcs8_der(&private).map_err(|_| broken())?;
    let plain = wrapping::unwrap(&private, &offer.algorithm, wrapped);
    plain.ok_or_else(|| Error::bare("InvalidCiphertextException"))
}

/// The private half that is the material of an asymmetric key, as it is kept; none where it is that of no such key.
fn private_half(spec: &str, material: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    match spec {
        "SYMMETRIC_DEFAULT" => Ok(None),
        hmac if hmac.starts_with("HMAC_") => Ok(None),
        _ if public::is_emulated(spec) => Ok(public::imported(spec, material)),
        _ => Err(unsupported(format!(
            "Imports into keys of spec {spec} are not emulated by the sandbox."
        ))),
    }
}

/// Whether bytes of this length are good for a spec.
fn fits(spec: &str, length: usize) -> bool {
    match spec {
        "SYMMETRIC_DEFAULT" => length == 32,
        "HMAC_224" => (28..=64).contains(&length),
        "HMAC_256" => (32..=64).contains(&length),
        "HMAC_384" => (48..=128).contains(&length),
        "HMAC_512" => (64..=128).contains(&length),
        _ => false,
    }
}

/// Takes the material away; the same one can be imported again.
pub fn delete(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let key = world.own_key(call, "DeleteImportedKeyMaterial")?;
    key.check_takes_material()?;
    let material = key.materials.first().map(|material| material.id.clone());
    key.lose_material();
    Ok(json!({ "KeyId": key.arn, "KeyMaterialId": material }))
}

fn broken() -> Error {
    Error::bare("KMSInternalException").status(500)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn material_has_the_length_of_its_spec() {
        for (spec, length, good) in [
            ("SYMMETRIC_DEFAULT", 32, true),
            ("SYMMETRIC_DEFAULT", 31, false),
            ("HMAC_256", 32, true),
            ("HMAC_512", 32, false),
        ] {
            assert_eq!(fits(spec, length), good, "{spec} {length}");
        }
        assert!(!fits("RSA_2048", 1200));
    }
}
