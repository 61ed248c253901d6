//! Random identifiers, password hashes and decryption.

use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};
use uuid::Uuid;

use super::encoding::decode_base64;
use super::{Args, Func, FuncError, Kind, number, text};
use crate::value::{Type, Value};

/// The highest cost of a password hash: a few seconds.
const COST: i64 = 16;

/// What reading a private key and decrypting with it costs, in bytes read.
const DECRYPTION: usize = 2_000_000;

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "uuid",
        params: &[],
        variadic: None,
        returns: Kind::String,
        about: "A random identifier; not known before apply.",
        examples: &[("uuid()", "(known after apply)")],
        call: |args| {
            // Like the time, chance has no say in a plan.
            if args.host().now().is_none() {
                return Ok(Value::unknown(Type::String).never_null());
            }
            Ok(Uuid::new_v4().to_string().into())
        },
    },
    Func {
        name: "uuidv5",
        params: &[text("namespace"), text("name")],
        variadic: None,
        returns: Kind::String,
        about: "An identifier made of a namespace and a name.",
        examples: &[(
            "uuidv5(\"dns\", \"example.com\")",
            "\"cfbff0d1-9375-5685-968c-48ce8b15ae17\"",
        )],
        call: |args| {
            let namespace = match args.text(0)? {
                "dns" => Uuid::NAMESPACE_DNS,
                "url" => Uuid::NAMESPACE_URL,
                "oid" => Uuid::NAMESPACE_OID,
                "x500" => Uuid::NAMESPACE_X500,
                other => Uuid::parse_str(other).map_err(|_| {
                    FuncError::new(format!(
                        "uuidv5() doesn't support namespace {other} (invalid UUID length: {})",
                        other.len()
                    ))
                })?,
            };
            Ok(Uuid::new_v5(&namespace, args.text(1)?.as_bytes())
                .to_string()
                .into())
        },
    },
    Func {
        name: "bcrypt",
        params: &[text("str")],
        variadic: Some(number("cost")),
        returns: Kind::String,
        about: "A salted hash of a password; not known before apply, as the salt is another one each time.",
        examples: &[("bcrypt(\"secret\", 4)", "(known after apply)")],
        call: bcrypt,
    },
    Func {
        name: "rsadecrypt",
        params: &[text("ciphertext"), text("privatekey")],
        variadic: None,
        returns: Kind::String,
        about: "Decrypts Base64 text with an RSA private key.",
        examples: &[("can(rsadecrypt(\"aGVsbG8=\", \"not a key\"))", "false")],
        call: rsadecrypt,
    },
];

fn bcrypt(args: &Args<'_>) -> Result<Value, FuncError> {
    let cost = match args.all().len() {
        1 => 10,
        // As in Go's library, what is too cheap gets the usual cost.
        2 => Some(args.whole(1)?).filter(|&cost| cost >= 4).unwrap_or(10),
        _ => return Err(FuncError::new("bcrypt() takes no more than two arguments")),
    };
    if !(4..=31).contains(&cost) {
        return Err(FuncError::new(format!(
            "error occured generating password crypto/bcrypt: cost {cost} is outside allowed range (4,31)"
        )));
    }
    if cost > COST {
        return Err(FuncError::argument(
            1,
            format!("a cost above {COST} takes too long"),
        ));
    }
    let text = args.text(0)?;
    if text.len() > 72 {
        return Err(FuncError::new(
            "error occured generating password bcrypt: password length exceeds 72 bytes",
        ));
    }
    if args.host().now().is_none() {
        return Ok(Value::unknown(Type::String).never_null());
    }
    let hash = bcrypt_hash(text, u32::try_from(cost).unwrap_or(10));
    hash.map(Into::into)
        .ok_or_else(|| FuncError::new("error occured generating password"))
}

/// A bcrypt hash with a salt of its own. None when the text has more than 72 bytes.
pub(crate) fn bcrypt_hash(text: &str, cost: u32) -> Option<String> {
    let parts = bcrypt::hash_with_result(text, cost).ok()?;
    Some(parts.format_for_version(bcrypt::Version::TwoA))
}

fn rsadecrypt(args: &Args<'_>) -> Result<Value, FuncError> {
    let secret = decode_base64(args.text(0)?).map_err(|_| {
        FuncError::argument(
            0,
            format!(
                "failed to decode input {:?}: cipher text must be base64-encoded",
                args.text(0).unwrap_or_default()
            ),
        )
    })?;
    let key = args.text(1)?;
    args.spend_work(DECRYPTION)?;
    let key = RsaPrivateKey::from_pkcs1_pem(key)
        .ok()
        .or_else(|| RsaPrivateKey::from_pkcs8_pem(key).ok())
        .ok_or_else(|| {
            FuncError::argument(1, "failed to parse key: no RSA private key in PEM form was found")
        })?;
    let plain = key
        .decrypt(Pkcs1v15Encrypt, &secret)
        .map_err(|_| FuncError::argument(0, "failed to decrypt: the key does not fit the text"))?;
    String::from_utf8(plain)
        .map(Value::from)
        .map_err(|_| FuncError::new("the decrypted bytes are not text"))
}
