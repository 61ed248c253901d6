//! The local store where everything is encrypted.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::super::{LockInfo, Session, Store as _};
use super::*;
use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::Diagnostic;
use crate::state::{Object, Vault};
use crate::value::Value;

/// Encrypts with a key that stands in the program.
struct Fixed;

fn wrong(why: String) -> Diagnostic {
    Diagnostic::error("Encryption failed", why)
}

impl Vault for Fixed {
    fn seal(&self, clear: &str, head: Option<(u64, &str)>) -> Result<String> {
        let mut envelope = Envelope::seal(&[7; 32], (clear.as_bytes(), b""), []).map_err(wrong)?;
        envelope.serial = head.map(|(serial, _)| serial);
        Ok(envelope.to_text())
    }

    fn open(&self, text: &str) -> Result<Zeroizing<String>> {
        let clear = Envelope::parse(text)
            .and_then(|envelope| envelope.open(&[7; 32], b""))
            .map_err(wrong)?;
        Ok(Zeroizing::new(String::from_utf8_lossy(&clear).into_owned()))
    }

    fn check_age(&self, _: &Path, _: u64, _: &str) -> Result<()> {
        Ok(())
    }

    fn set_age(&self, _: &Path, _: u64, _: &str) {}
}

use crate::state::envelope::Envelope;

fn store(path: &Path) -> LocalStore {
    LocalStore::new(path).kept(Manner {
        vault: Some(Arc::new(Fixed)),
        ..Manner::default()
    })
}

fn address() -> InstanceAddr {
    crate::addr::parse_instance("t.canary").unwrap()
}

fn provider() -> ProviderConfig {
    ProviderConfig::parse(r#"provider["registry.terraform.io/hashicorp/t"]"#).unwrap()
}

fn object() -> Object {
    let value = Value::object_of([("id", Value::from("canary-id"))]);
    Object::new(&value, &value.ty(), 0, [].into()).unwrap()
}

/// Every file of the folder, as text.
fn all(folder: &Path) -> String {
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect()
}

/// Runs a session that dies with something recorded and something open.
fn die(path: &Path) {
    let mut store = store(path);
    let mut session = Session::begin(&mut store, &State::new());
    let mut open = Intent::of(&crate::addr::parse_instance("t.open_canary").unwrap());
    open.marker = Some("canary-marker".into());
    session.record_intent(open, 0).unwrap();
    session
        .record_done(&address(), true, &provider(), &object())
        .unwrap();
    session.sync().unwrap();
}

#[test]
fn a_journal_is_encrypted_and_folded_in_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terraform.tfstate");
    die(&path);
    let text = all(folder.path());
    assert!(text.contains("KFJ1 ") && !text.contains("canary"), "{text}");
    let error = LocalStore::new(&path).read().unwrap_err();
    assert_eq!(error.summary, "State is encrypted");
    let mut store = store(&path);
    store
        .lock(LockInfo::new("OperationTypeApply", "me@here"), Duration::ZERO)
        .unwrap();
    let found = store.read().unwrap().unwrap();
    assert!(found.recovered && found.state.get(&address()).is_some());
    assert_eq!(found.unsettled.len(), 1);
    assert!(!all(folder.path()).contains("canary"));
}

#[test]
fn a_state_that_cannot_be_put_in_its_place_is_encrypted_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terraform.tfstate");
    let mut state = State::new();
    state.insert(&address(), &provider(), object());
    let place = store(&path).rescue(&state).unwrap();
    assert!(place.ends_with("errored.tfstate"));
    let text = all(folder.path());
    assert!(Envelope::is_one(&text) && !text.contains("canary"), "{text}");
}
