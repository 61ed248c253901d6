//! Secrets that a state does not hold: what stands in their place, and whether a value is the one left out.
//!
//! The state has null where the secret was, and a digest: HMAC-SHA-256 under a key that is kept elsewhere, so that
//! nobody who reads the state can try out likely secrets. It is salted by the place of the secret, so that equal ones
//! do not look equal, and the salt is written down, so that it still counts when the object gets another address.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value as Json;
use sha2::Sha256;

use super::Object;
use crate::addr::InstanceAddr;
use crate::value::{Path, Step, Text, Value, json};

/// How digests begin: the version of their form.
const VERSION: &str = "1";

/// A key for digests, as it is made by [`KeySource`].
pub type Key = [u8; 32];

/// A secret that is not in the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Withheld {
    pub path: Path,
    /// None where there was no key to make one with.
    pub digest: Option<Text>,
}

/// What becomes of the secret arguments of objects in a state: `secrets_in_state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// They are left out.
    #[default]
    Omit,
    /// They stand in it, as in Terraform's.
    Plain,
}

/// Where the key of digests is kept.
pub trait KeySource: Send + Sync {
    /// The key, if it can be had. `make` makes one where there is none yet.
    fn key(&self, make: bool) -> Option<Key>;
}

/// How a state deals with secrets.
#[derive(Clone, Default)]
pub struct Secrets {
    keep: Keep,
    /// Tells states apart, so that equal secrets of two of them do not look equal.
    scope: Text,
    source: Option<Arc<dyn KeySource>>,
}

impl Secrets {
    pub fn new(keep: Keep, scope: impl Into<Text>, source: Arc<dyn KeySource>) -> Self {
        Self {
            keep,
            scope: scope.into(),
            source: Some(source),
        }
    }

    /// What is written of an object in place of its attributes; none where it is written as it is.
    pub(super) fn without(&self, object: &Object, address: &InstanceAddr) -> Option<(String, Vec<Withheld>)> {
        if object.withheld.is_empty() {
            return None;
        }
        let mut attributes = object.attributes_json().ok()?;
        let mut left_out = Vec::new();
        for one in object.withheld.iter() {
            let Some(secret) = part_of(&mut attributes, &one.path) else {
                continue;
            };
            if secret.is_null() {
                left_out.push(one.clone());
            } else if self.keep == Keep::Omit {
                let secret = secret.take();
                left_out.push(self.withheld(one, address, &secret));
            }
        }
        Some((attributes.to_string(), left_out))
    }

    fn withheld(&self, one: &Withheld, address: &InstanceAddr, secret: &Json) -> Withheld {
        let still = one
            .digest
            .as_deref()
            .filter(|digest| self.is(digest, secret) == Some(true));
        let digest = still
            .map(Text::from)
            .or_else(|| self.digest(address, &one.path, secret));
        Withheld {
            path: one.path.clone(),
            digest,
        }
    }

    fn digest(&self, address: &InstanceAddr, path: &Path, secret: &Json) -> Option<Text> {
        let key = self.source.as_ref()?.key(true)?;
        let place = format!("{} {address} {}", self.scope, crate::value::PathText(path));
        let salt = hex::encode(&mac(&key, &["salt", &place])[..8]);
        Some(digest_of(&key, &salt, secret).into())
    }

    /// Whether a digest is of this secret; none where that cannot be told.
    fn is(&self, digest: &str, secret: &Json) -> Option<bool> {
        let key = self.source.as_ref()?.key(false)?;
        let mut parts = digest.split('.');
        let (version, made_with, salt) = (parts.next()?, parts.next()?, parts.next()?);
        let same_key = version == VERSION && made_with == name_of(&key);
        same_key.then(|| digest_of(&key, salt, secret) == digest)
    }

    /// Whether a value is the one that was left out; none where that cannot be told.
    pub fn is_that(&self, withheld: &Withheld, value: &Value) -> Option<bool> {
        self.is(
            withheld.digest.as_deref()?,
            &json::to_plain_json(&value.unmark_deep().0),
        )
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}

/// By what a key is told from others, without giving it away.
fn name_of(key: &Key) -> String {
    hex::encode(&mac(key, &["name"])[..4])
}

fn digest_of(key: &Key, salt: &str, secret: &Json) -> String {
    let digest = hex::encode(mac(key, &["secret", salt, &secret.to_string()]));
    format!("{VERSION}.{}.{salt}.{digest}", name_of(key))
}

fn mac(key: &Key, parts: &[&str]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    mac.update(b"keyform digest of secrets");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// The part of attributes at a path.
fn part_of<'j>(json: &'j mut Json, path: &[Step]) -> Option<&'j mut Json> {
    path.iter().try_fold(json, |json, step| match step {
        Step::Attribute(name) => json.get_mut(&**name),
        Step::Index(key) => match key.as_str() {
            Some(name) => json.get_mut(name),
            None => json.get_mut(usize::try_from(key.as_i64()?).ok()?),
        },
    })
}

#[cfg(test)]
pub mod for_tests {
    use super::*;

    /// A key that stands in the program.
    pub struct Fixed(pub Key);

    impl KeySource for Fixed {
        fn key(&self, _: bool) -> Option<Key> {
            Some(self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::for_tests::Fixed;
    use super::*;
    use crate::value::Type;

    fn secrets(keep: Keep, key: u8) -> Secrets {
        Secrets::new(keep, "terraform.tfstate", Arc::new(Fixed([key; 32])))
    }

    fn object() -> Object {
        let value = Value::object_of([
            (Text::from("id"), Value::from("i")),
            (Text::from("password"), Value::from("hunter22")),
        ]);
        let ty = Type::object([("id".into(), Type::String), ("password".into(), Type::String)].into());
        let withheld = Withheld {
            path: vec![Step::attribute("password")],
            digest: None,
        };
        Object::new(&value, &ty, 0, [withheld].into()).unwrap()
    }

    fn written(secrets: &Secrets, object: &Object, address: &str) -> Object {
        let address = crate::addr::parse_instance(address).unwrap();
        let text = crate::state::v4::write_object(object, &address, secrets);
        crate::state::v4::read_object(&text.into(), "f").unwrap()
    }

    #[test]
    fn a_secret_is_left_out_and_known_again() {
        let secrets = secrets(Keep::Omit, 1);
        let read = written(&secrets, &object(), "a.b");
        assert_eq!(read.text_attribute("password"), None);
        assert_eq!(read.text_attribute("id").as_deref(), Some("i"));
        let [withheld] = &*read.withheld else {
            panic!("one is left out")
        };
        assert_eq!(secrets.is_that(withheld, &Value::from("hunter22")), Some(true));
        assert_eq!(secrets.is_that(withheld, &Value::from("hunter23")), Some(false));
        let others = self::secrets(Keep::Omit, 2);
        assert_eq!(
            others.is_that(withheld, &Value::from("hunter22")),
            None,
            "another key"
        );
        assert_eq!(
            Secrets::default().is_that(withheld, &Value::from("hunter22")),
            None
        );
    }

    #[test]
    fn equal_secrets_do_not_look_equal_and_a_move_changes_nothing() {
        let secrets = secrets(Keep::Omit, 1);
        let one = written(&secrets, &object(), "a.b");
        assert_ne!(one.withheld, written(&secrets, &object(), "a.c").withheld);
        assert_eq!(
            one.withheld,
            written(&secrets, &one, "a.c").withheld,
            "left out already"
        );
        let mut again = object();
        again.withheld = one.withheld.clone();
        assert_eq!(
            one.withheld,
            written(&secrets, &again, "a.c").withheld,
            "the same again"
        );
    }

    #[test]
    fn a_state_may_hold_secrets_where_that_is_asked_for() {
        let read = written(&secrets(Keep::Plain, 1), &object(), "a.b");
        assert_eq!(read.text_attribute("password").as_deref(), Some("hunter22"));
        assert!(read.withheld.is_empty());
    }

    #[test]
    fn without_a_key_there_is_no_digest() {
        let read = written(&Secrets::default(), &object(), "a.b");
        assert_eq!(read.text_attribute("password"), None);
        assert_eq!(read.withheld[0].digest, None);
    }
}
