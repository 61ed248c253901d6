//! Encryption of states and plans: which keys there are, and what is encrypted with them.
//!
//! The settings are OpenTofu's: an `encryption` block, and `TF_ENCRYPTION` over it. What is written is read by OpenTofu
//! and the other way round, but for what only this program has: the key provider `alicloud_kms`, and `bound` of the
//! method `aes_gcm`, which ties what is encrypted to the serial and lineage beside it.

mod keys;
mod kms;
mod serials;
mod settings;

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use zeroize::Zeroizing;

use self::keys::Keys;
use self::settings::{AesGcm, Method, Target};
use crate::diag::Diagnostic;
use crate::state::Vault;
use crate::state::envelope::Envelope;

pub use self::settings::{Encryption, World};

type Result<T> = std::result::Result<T, Diagnostic>;

/// What is encrypted: it is part of what a bound envelope is tied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    State,
    Plan,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Plan => "plan",
        }
    }
}

/// Encrypts one kind of thing.
pub struct Coder {
    kind: Kind,
    target: Target,
    keys: Arc<Keys>,
}

impl Coder {
    pub fn new(kind: Kind, target: Target, keys: Arc<Keys>) -> Self {
        Self { kind, target, keys }
    }

    /// Whether what is written is encrypted.
    pub fn encrypts(&self) -> bool {
        matches!(self.target.methods.first(), Some(Method::AesGcm(_)))
    }

    /// Encrypts bytes; none where the method leaves them as they are.
    pub fn seal_bytes(&self, clear: &[u8], head: Option<(u64, &str)>) -> Result<Option<String>> {
        let Some(Method::AesGcm(method)) = self.target.methods.first() else {
            return Ok(None);
        };
        let key = self.keys.fresh(&method.keys)?;
        let aad = self.bound_to(method, head);
        let mut envelope = Envelope::seal(&key.bytes, (clear, &aad), [(key.name, key.meta)])
            .map_err(|why| unsealed(&why))?;
        envelope.serial = head.map(|(serial, _)| serial);
        envelope.lineage = head.map(|(_, lineage)| lineage.to_owned());
        Ok(Some(envelope.to_text()))
    }

    /// Decrypts an envelope by the first method that can.
    pub fn open_bytes(&self, text: &str) -> Result<Zeroizing<Vec<u8>>> {
        self.open_envelope(&Envelope::parse(text).map_err(|why| unopened(&why))?)
    }

    fn open_envelope(&self, envelope: &Envelope) -> Result<Zeroizing<Vec<u8>>> {
        self.open_by_one(envelope).map(|(_, clear)| clear)
    }

    /// The same, with the place of the method among all.
    fn open_by_one(&self, envelope: &Envelope) -> Result<(usize, Zeroizing<Vec<u8>>)> {
        let head = envelope.serial.zip(envelope.lineage.as_deref());
        let mut why = Vec::new();
        for (place, method) in self.target.methods.iter().enumerate() {
            let Method::AesGcm(method) = method else { continue };
            match self.open_with(envelope, method, head) {
                Ok(clear) => return Ok((place, clear)),
                Err(error) => why.push(format!("{}: {error}", method.keys)),
            }
        }
        if why.is_empty() {
            why.push("no method is set that decrypts it".to_owned());
        }
        Err(unopened(&why.join("; ")))
    }

    fn open_with(
        &self,
        envelope: &Envelope,
        method: &AesGcm,
        head: Option<(u64, &str)>,
    ) -> std::result::Result<Zeroizing<Vec<u8>>, String> {
        let meta = envelope.meta_of(&self.keys.meta_name(&method.keys))?;
        let meta = meta.ok_or("it was not encrypted with a key of this key provider")?;
        let key = self.keys.again(&method.keys, &meta)?;
        envelope.open(&key, &self.bound_to(method, head))
    }

    /// What authenticates beside the text.
    fn bound_to(&self, method: &AesGcm, head: Option<(u64, &str)>) -> Vec<u8> {
        let mut aad = method.aad.clone();
        if method.bound {
            let (serial, lineage) = head.unwrap_or_default();
            aad.extend_from_slice(format!("keyform {} {lineage} {serial}", self.kind.word()).as_bytes());
        }
        aad
    }

    /// What is not encrypted is taken only where the settings allow it.
    fn check_clear(&self) -> Result<()> {
        let takes_clear = self.target.methods.contains(&Method::Unencrypted);
        if takes_clear && !self.target.enforced {
            return Ok(());
        }
        Err(Diagnostic::error(
            "State is not encrypted",
            "It is kept in clear, and the settings say that it is encrypted. To encrypt it from now on, add a fallback with the method \"unencrypted\" for one run.",
        ))
    }
}

impl Vault for Coder {
    fn seal(&self, clear: &str, head: Option<(u64, &str)>) -> Result<String> {
        let sealed = self.seal_bytes(clear.as_bytes(), head)?;
        Ok(sealed.unwrap_or_else(|| clear.to_owned()))
    }

    fn open(&self, text: &str) -> Result<Zeroizing<String>> {
        if !Envelope::is_one(text) {
            self.check_clear()?;
            return Ok(Zeroizing::new(text.to_owned()));
        }
        let envelope = Envelope::parse(text).map_err(|why| unopened(&why))?;
        let mut clear = self.open_envelope(&envelope)?;
        let clear = String::from_utf8(std::mem::take(&mut *clear)).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            unopened("it holds no text")
        })?;
        let clear = Zeroizing::new(clear);
        if let Some(head) = envelope.serial.zip(envelope.lineage.as_deref()) {
            check_head(&clear, head)?;
        }
        Ok(clear)
    }

    fn is_current(&self, text: &str) -> bool {
        let methods = &self.target.methods;
        if methods.len() < 2 {
            return true;
        }
        if !Envelope::is_one(text) {
            return methods.first() == Some(&Method::Unencrypted);
        }
        let opened = Envelope::parse(text).map(|envelope| self.open_by_one(&envelope));
        // What cannot be read is not written over either.
        !matches!(opened, Ok(Ok((1.., _))))
    }

    fn check_age(&self, place: &Path, serial: u64, lineage: &str) -> Result<()> {
        serials::check(place, (serial, lineage))
    }

    fn set_age(&self, place: &Path, serial: u64, lineage: &str) {
        serials::set(place, (serial, lineage));
    }
}

/// What stands outside of an envelope must be what stands inside.
fn check_head(clear: &str, outside: (u64, &str)) -> Result<()> {
    #[derive(Deserialize)]
    struct Head {
        serial: u64,
        lineage: String,
    }
    let inside: Option<Head> = serde_json::from_str(clear).ok();
    if inside.is_some_and(|inside| (inside.serial, &*inside.lineage) == outside) {
        return Ok(());
    }
    Err(unopened(
        "serial and lineage beside it are not those inside: somebody has changed them",
    ))
}

fn unsealed(why: &str) -> Diagnostic {
    Diagnostic::error("Encryption failed", format!("{why}. Nothing was written."))
}

fn unopened(why: &str) -> Diagnostic {
    Diagnostic::error(
        "Decryption failed",
        format!("It cannot be decrypted: {why}. The file was left as it is."),
    )
}
