//! The emulated AWS: KMS over JSON 1.1, STS and IAM over the query protocol, with Signature Version 4 checked.
//!
//! A request is authenticated, then its action is looked up in a table and carried out on the [`Aws`].
//! Policies are stored and checked for form, not enforced.

mod aliases;
mod crypto;
mod errors;
mod grants;
mod iam;
mod import;
mod keys;
mod params;
mod policy;
mod public;
mod replicas;
mod rotation;
mod specs;
mod stores;
mod sts;
mod tags;
mod usage;
mod world;
mod wrapping;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::faults::Fault;
use super::{Request, Response, sigv4};
use errors::Error;
use params::Input;
use sts::Caller;
pub use world::Aws;

/// One authenticated call.
pub struct Call<'a> {
    region: &'a str,
    caller: &'a Caller,
    /// What the emulated clock shows, in milliseconds.
    now: i64,
    input: Input<'a>,
}

/// Carries out an action; null stands for an answer without content.
type Handler = fn(&mut Aws, &Call) -> Result<Value, Error>;

/// Every action of KMS that is emulated.
const ACTIONS: &[(&str, Handler)] = &[
    ("CancelKeyDeletion", keys::cancel_deletion),
    ("ConnectCustomKeyStore", stores::connect),
    ("CreateAlias", aliases::create),
    ("CreateCustomKeyStore", stores::create),
    ("CreateGrant", grants::create),
    ("CreateKey", keys::create),
    ("Decrypt", crypto::decrypt),
    ("DeleteAlias", aliases::delete),
    ("DeleteCustomKeyStore", stores::delete),
    ("DeleteImportedKeyMaterial", import::delete),
    ("DescribeCustomKeyStores", stores::describe),
    ("DescribeKey", keys::describe),
    ("DisableKey", keys::disable),
    ("DisableKeyRotation", rotation::disable),
    ("DisconnectCustomKeyStore", stores::disconnect),
    ("EnableKey", keys::enable),
    ("EnableKeyRotation", rotation::enable),
    ("Encrypt", crypto::encrypt),
    ("GenerateDataKey", crypto::generate_data_key),
    (
        "GenerateDataKeyWithoutPlaintext",
        crypto::generate_data_key_without_plaintext,
    ),
    ("GenerateRandom", crypto::generate_random),
    ("GetKeyLastUsage", usage::get),
    ("GetKeyPolicy", policy::get),
    ("GetKeyRotationStatus", rotation::status),
    ("GetParametersForImport", import::parameters),
    ("GetPublicKey", public::get),
    ("ImportKeyMaterial", import::import),
    ("ListAliases", aliases::list),
    ("ListGrants", grants::list),
    ("ListKeyPolicies", policy::list),
    ("ListKeyRotations", rotation::list),
    ("ListKeys", keys::list),
    ("ListResourceTags", tags::list),
    ("ListRetirableGrants", grants::list_retirable),
    ("PutKeyPolicy", policy::put),
    ("ReEncrypt", crypto::re_encrypt),
    ("ReplicateKey", replicas::replicate),
    ("RetireGrant", grants::retire),
    ("RevokeGrant", grants::revoke),
    ("RotateKeyOnDemand", rotation::rotate_on_demand),
    ("ScheduleKeyDeletion", keys::schedule_deletion),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("UpdateAlias", aliases::update),
    ("UpdateCustomKeyStore", stores::update),
    ("UpdateKeyDescription", keys::update_description),
    ("UpdatePrimaryRegion", replicas::update_primary),
];

/// The actions that KMS has and the sandbox not.
const ABSENT: &[&str] = &[
    "DeriveSharedSecret",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "Sign",
    "Verify",
    "VerifyMac",
];

/// Whether KMS has an action of this name.
pub fn is_action(action: &str) -> bool {
    ACTIONS.iter().any(|(name, _)| *name == action) || ABSENT.contains(&action)
}

/// Answers one request.
pub fn handle(world: &mut Aws, request: &Request, now: Timestamp) -> Response {
    if is_kms(request) {
        match kms(world, request, now) {
            Ok(value) => success(&value),
            Err(why) => refusal(&why),
        }
    } else if iam::is_for(request) {
        iam::handle(world, request, now)
    } else {
        sts::handle(world, request, now)
    }
}

/// A failure on demand, in the words of the service that the request is for.
pub fn failure(request: &Request, fault: &Fault) -> Response {
    let why = match (fault, is_kms(request)) {
        (Fault::Throttle, true) => Error::new(
            "ThrottlingException",
            "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
        ),
        (Fault::Throttle, false) => Error::new("Throttling", "Rate exceeded"),
        (Fault::Code(code), _) => Error::new(code, "The sandbox was told to fail this call."),
        (Fault::Internal | Fault::Close, true) => Error::new(
            "KMSInternalException",
            "KMS is unable to process the request right now.",
        )
        .status(500),
        (Fault::Internal | Fault::Close, false) => Error::new(
            "InternalFailure",
            "The request processing has failed because of an unknown error.",
        )
        .status(500),
    };
    if is_kms(request) {
        refusal(&why)
    } else {
        sts::refusal(&why)
    }
}

/// KMS names its target in a header; what is signed for it without one is KMS too, and wrong.
fn is_kms(request: &Request) -> bool {
    request.header("x-amz-target").is_some()
        || request
            .header("authorization")
            .and_then(|header| sigv4::parse(header).ok())
            .is_some_and(|a| a.service == "kms")
}

fn kms(world: &mut Aws, request: &Request, now: Timestamp) -> Result<Value, Error> {
    let target = request.header("x-amz-target").unwrap_or("");
    let action = target
        .strip_prefix("TrentService.")
        .ok_or_else(|| Error::bare("UnknownOperationException"))?;
    let (caller, region) = sts::authenticate(world, request, now, "kms").map_err(kms_words)?;
    let Some((_, handler)) = ACTIONS.iter().find(|(name, _)| *name == action) else {
        if ABSENT.contains(&action) {
            return Err(errors::unsupported(format!(
                "{action} is not emulated by the sandbox."
            )));
        }
        return Err(Error::bare("UnknownOperationException"));
    };
    let members: Map<String, Value> = if request.body.is_empty() {
        Map::new()
    } else {
        serde_json::from_slice(&request.body).map_err(|_| Error::bare("SerializationException"))?
    };
    let now = now.as_millisecond();
    let call = Call {
        region: &region,
        caller: &caller,
        now,
        input: Input(&members),
    };
    world.settle(&caller.account, &region, now);
    handler(world, &call)
}

/// The same refusal of credentials has other codes in KMS than in STS.
fn kms_words(why: Error) -> Error {
    let code = match why.code.as_str() {
        "InvalidClientTokenId" => "UnrecognizedClientException",
        "SignatureDoesNotMatch" => "InvalidSignatureException",
        "ExpiredToken" => "ExpiredTokenException",
        "MissingAuthenticationToken" => "MissingAuthenticationTokenException",
        "IncompleteSignature" => "IncompleteSignatureException",
        _ => return why,
    };
    Error {
        code: code.to_owned(),
        status: 400,
        ..why
    }
}

fn success(value: &Value) -> Response {
    let body = if value.is_null() {
        Vec::new()
    } else {
        value.to_string().into_bytes()
    };
    Response {
        status: 200,
        headers: vec![
            ("content-type".into(), JSON.into()),
            ("x-amzn-requestid".into(), request_id()),
        ],
        body,
    }
}

fn refusal(why: &Error) -> Response {
    let mut body = json!({ "__type": why.code });
    if let Some(message) = &why.message {
        body["message"] = json!(message);
    }
    Response {
        status: why.status,
        headers: vec![
            ("content-type".into(), JSON.into()),
            ("x-amzn-requestid".into(), request_id()),
            ("x-amzn-errortype".into(), why.code.clone()),
        ],
        body: body.to_string().into_bytes(),
    }
}

const JSON: &str = "application/x-amz-json-1.1";

fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A point in time as KMS writes it: seconds with a fraction.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this era fit a double")]
fn seconds(milliseconds: i64) -> Value {
    json!(milliseconds as f64 / 1000.0)
}

/// Fresh random bytes.
fn random(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_| Error::bare("KMSInternalException").status(500))
}

/// Fresh random bytes in hexadecimal digits.
fn random_hex(digits: usize) -> Result<String, Error> {
    let mut bytes = vec![0; digits.div_ceil(2)];
    random(&mut bytes)?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod states_test;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_the_model_is_either_emulated_or_named_absent() {
        assert_eq!(ACTIONS.len() + ABSENT.len(), 54);
        assert!(ACTIONS.is_sorted_by_key(|(name, _)| name));
        assert!(ACTIONS.iter().all(|(name, _)| !ABSENT.contains(name)));
    }

    #[test]
    fn times_are_seconds_with_a_fraction() {
        assert_eq!(seconds(1_795_299_568_347).to_string(), "1795299568.347");
    }
}
