//! Client keys: a private key with its certificate, handed out once in a PKCS#12 file under a password.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain,
};
use rcgen::{CertificateParams, DnType, KeyPair};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::errors::Failure;
use super::material::{pkcs8, rsa_key};
use super::params::Params;
use super::{Call, Region, nothing, time};

const ALGORITHM: &str = "RSA_2048";
/// How long a client key is good when nothing was said.
const YEARS: i64 = 5;
/// Strong enough for made-up keys, and quick.
const ITERATIONS: u32 = 2048;

/// What remains of a client key: the private half is forgotten once it was handed out.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ClientKey {
    id: String,
    pub(crate) access_point: String,
    created_at: i64,
    not_before: i64,
    not_after: i64,
    certificate: String,
}

impl ClientKey {
    fn describe(&self) -> Value {
        json!({
            "AapName": self.access_point,
            "ClientKeyId": self.id,
            "CreateTime": time(self.created_at),
            "KeyAlgorithm": ALGORITHM,
            "KeyOrigin": "KMS_PROVIDED",
            "NotAfter": time(self.not_after),
            "NotBefore": time(self.not_before),
            "PublicKeyData": self.certificate,
        })
    }
}

pub(crate) fn create(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let params = call.params;
    let access_point = params.need("AapName")?;
    let password = params.need("Password")?;
    if !is_password(password) {
        return Err(Failure::invalid("Password"));
    }
    let (not_before, not_after) = validity(params, call.now)?;
    if !region.access_points.contains_key(access_point) {
        return Err(Failure::no_resource());
    }
    let id = format!("KAAP.{}", Uuid::new_v4());
    let private = pkcs8(&rsa_key(2048)?)?;
    let certificate = certificate(&private, &id, (not_before, not_after))?;
    let reply = json!({
        "ClientKeyId": id,
        "KeyAlgorithm": ALGORITHM,
        "NotAfter": time(not_after),
        "NotBefore": time(not_before),
        "PrivateKeyData": pkcs12(&private, certificate.der(), &id, password)?,
    });
    let key = ClientKey {
        id: id.clone(),
        access_point: access_point.to_owned(),
        created_at: call.now,
        not_before,
        not_after,
        certificate: certificate.pem(),
    };
    region.client_keys.insert(id, key);
    Ok(reply)
}

pub(crate) fn get(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let id = call.params.need("ClientKeyId")?;
    region
        .client_keys
        .get(id)
        .map(ClientKey::describe)
        .ok_or_else(Failure::no_resource)
}

pub(crate) fn delete(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    let id = call.params.need("ClientKeyId")?;
    region
        .client_keys
        .remove(id)
        .map(|_| nothing())
        .ok_or_else(Failure::no_resource)
}

pub(crate) fn list(region: &mut Region, call: &Call) -> Result<Value, Failure> {
    // The official SDK does not send a name when it has none: then all keys are meant.
    let wanted = call.params.text("AapName", 128)?;
    let keys = region
        .client_keys
        .values()
        .filter(|key| wanted.is_empty() || key.access_point == wanted);
    let keys: Vec<Value> = keys.map(ClientKey::describe).collect();
    Ok(json!({ "ClientKeys": keys }))
}

/// From when until when: both are given, or neither.
fn validity(params: &Params, now: i64) -> Result<(i64, i64), Failure> {
    let moment = |name: &str| match params.get(name) {
        None => Ok(None),
        Some(text) => match text.parse::<Timestamp>() {
            Ok(at) if at.as_second() >= 0 => Ok(Some(at.as_second())),
            _ => Err(Failure::invalid(name)),
        },
    };
    match (moment("NotBefore")?, moment("NotAfter")?) {
        (None, None) => Ok((now, years_after(now)?)),
        (Some(from), Some(to)) if from < to && to > now => Ok((from, to)),
        (Some(_), None) => Err(Failure::missing("NotAfter")),
        (None, Some(_)) => Err(Failure::missing("NotBefore")),
        (Some(_), Some(_)) => Err(Failure::invalid("NotAfter")),
    }
}

fn years_after(now: i64) -> Result<i64, Failure> {
    let now = Timestamp::from_second(now)
        .map_err(|_| Failure::internal())?
        .to_zoned(TimeZone::UTC);
    now.checked_add(YEARS.years())
        .map(|then| then.timestamp().as_second())
        .map_err(|_| Failure::internal())
}

/// 8 to 64 characters of at least two of the three kinds.
fn is_password(password: &str) -> bool {
    const SIGNS: &str = "~!@#$%^&*?_-";
    let kinds: [fn(char) -> bool; 3] = [
        |c| c.is_ascii_digit(),
        |c| c.is_ascii_alphabetic(),
        |c| SIGNS.contains(c),
    ];
    (8..=64).contains(&password.chars().count())
        && password.chars().all(|c| kinds.iter().any(|is_kind| is_kind(c)))
        && kinds
            .iter()
            .filter(|is_kind| password.chars().any(is_kind))
            .count()
            >= 2
}

fn certificate(private: &[u8], name: &str, (from, to): (i64, i64)) -> Result<rcgen::Certificate, Failure> {
    let moment = |at: i64| {
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(at).unwrap_or_default())
    };
    let key = KeyPair::try_from(private).map_err(|_| Failure::internal())?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = moment(from);
    params.not_after = moment(to);
    params.self_signed(&key).map_err(|_| Failure::internal())
}

fn pkcs12(private: &[u8], certificate: &[u8], name: &str, password: &str) -> Result<String, Failure> {
    let file = || -> Result<Vec<u8>, p12_keystore::error::Error> {
        let key = PrivateKey::from_der(private)?;
        let chain = PrivateKeyChain::new(name.as_bytes(), key, [Certificate::from_der(certificate)?]);
        let mut store = KeyStore::new();
        store.add_entry(name, KeyStoreEntry::PrivateKeyChain(chain));
        store
            .writer(password)
            .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
            .encryption_iterations(ITERATIONS)
            .mac_algorithm(MacAlgorithm::HmacSha256)
            .mac_iterations(ITERATIONS)
            .write()
    };
    file()
        .map(|bytes| STANDARD.encode(bytes))
        .map_err(|_| Failure::internal())
}

#[cfg(test)]
mod tests {
    use p12_keystore::Pkcs12ImportPolicy;

    use super::super::test_support::Bench;
    use super::*;

    const NAME: (&str, &str) = ("AapName", "a");
    const PASSWORD: (&str, &str) = ("Password", "passw0rd!");

    fn bench() -> Bench {
        let mut bench = Bench::new();
        bench.ok(
            "CreateApplicationAccessPoint",
            &[("Name", "a"), ("Policies", r#"["p"]"#)],
        );
        bench
    }

    #[test]
    fn the_private_key_opens_with_the_password_only() {
        let mut bench = bench();
        let made = bench.ok("CreateClientKey", &[NAME, PASSWORD]);
        let file = STANDARD.decode(made["PrivateKeyData"].as_str().unwrap()).unwrap();
        let store = KeyStore::from_pkcs12(&file, PASSWORD.1, Pkcs12ImportPolicy::Strict).unwrap();
        assert_eq!(store.private_key_chain().unwrap().1.certs().len(), 1);
        assert!(KeyStore::from_pkcs12(&file, "another1", Pkcs12ImportPolicy::Strict).is_err());
    }

    #[test]
    fn a_client_key_lives_and_goes_with_its_access_point() {
        let mut bench = bench();
        let made = bench.ok("CreateClientKey", &[NAME, PASSWORD]);
        let id = [("ClientKeyId", made["ClientKeyId"].as_str().unwrap())];
        let key = bench.ok("GetClientKey", &id);
        assert_eq!(
            (&key["AapName"], &key["NotAfter"]),
            (&Value::from("a"), &made["NotAfter"])
        );
        assert!(
            key["PublicKeyData"]
                .as_str()
                .unwrap()
                .starts_with("-----BEGIN CERTIFICATE-----")
        );
        assert_eq!(
            bench.ok("ListClientKeys", &[NAME])["ClientKeys"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        bench.ok("DeleteApplicationAccessPoint", &[("Name", "a")]);
        bench.fails("GetClientKey", &id, "404 Forbidden.ResourceNotFound");
        bench.fails("DeleteClientKey", &id, "404 Forbidden.ResourceNotFound");
    }

    #[test]
    fn a_password_has_two_kinds_of_signs() {
        for (password, is_good) in [
            ("12345678", false),
            ("abcdefgh", false),
            ("abcdefg1", true),
            ("abc-1", false),
            ("abcdefg1 ", false),
        ] {
            assert_eq!(is_password(password), is_good, "{password}");
        }
    }

    #[test]
    fn both_ends_of_the_validity_are_given_or_neither() {
        let late = ("NotAfter", "2040-01-01T00:00:00Z");
        bench().fails("CreateClientKey", &[NAME, PASSWORD, late], "400 MissingParameter");
        let early = ("NotBefore", "2041-01-01T00:00:00Z");
        bench().fails(
            "CreateClientKey",
            &[NAME, PASSWORD, early, late],
            "400 InvalidParameter",
        );
        bench().fails(
            "CreateClientKey",
            &[NAME, PASSWORD, ("NotBefore", "soon")],
            "400 InvalidParameter",
        );
    }

    #[test]
    fn an_unknown_access_point_has_no_keys() {
        let params = [("AapName", "b"), PASSWORD];
        bench().fails("CreateClientKey", &params, "404 Forbidden.ResourceNotFound");
    }
}
