//! Saved plans: everything that carrying the plan out needs, sealed.
//!
//! A plan is saved as what it was made from: the sources, the inputs, the state, and what was seen in the clouds.
//! Applying it makes the same plan again, without looking, and holds it against a digest. All of it is encrypted
//! (AES-256-GCM) under a key that does not travel with the file, so that a plan shows no secret and a changed plan
//! is refused.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::config::SourceFile;
use crate::diag::{Diagnostic, Result};
use crate::eval::{Given, Input, Inputs};
use crate::plan::record::{Record, value_from_json, value_to_json};
use crate::plan::{Allowed, Made, Mode, Options};
use crate::regular;
use crate::resource::Action;
use crate::state::envelope::Envelope;
use crate::state::journal::Intent;
use crate::value::json::to_plain_json;
use crate::value::{Text, Value, path};

use super::engine::OWN_FOLDER;
use super::machine::write_secret;
use super::project::Project;
use super::vault::Coder;

/// How plan files begin; what follows is the nonce and the sealed text.
const MAGIC: &[u8] = b"KEYFORM PLAN 1\n";
const NONCE: usize = 12;
/// Where the key is kept.
pub const PLAN_KEY: &str = ".keyform/plan.key";
/// No plan file is larger.
const LARGEST: u64 = 1 << 30;

/// What is in a plan file.
pub struct SavedPlan {
    pub workspace: String,
    /// The sandbox played the clouds.
    pub sandbox: bool,
    pub sources: Vec<SourceFile>,
    /// Without those for ephemeral variables.
    pub inputs: Inputs,
    /// The ephemeral variables that were given a value: they must be given one again.
    pub ephemeral: Vec<Text>,
    pub options: Options,
    pub timestamp: jiff::Timestamp,
    /// The text of the state that the plan was made from; empty if there was none.
    pub state: String,
    pub record: Record,
    pub digest: String,
}

/// Whether a file is a saved plan, by its first bytes.
pub fn is_plan_file(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) || envelope(bytes).is_some()
}

/// The text of a plan that is encrypted as the configuration says; states have a serial.
fn envelope(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"{").map(|_| bytes)?).ok()?;
    let is_plan = Envelope::is_one(text) && Envelope::parse(text).is_ok_and(|one| one.serial.is_none());
    is_plan.then_some(text)
}

/// With what plans are sealed.
pub struct Seal {
    /// What the configuration says.
    pub coder: Option<Arc<Coder>>,
    /// The key of the folder.
    pub key: Option<[u8; 32]>,
}

impl Seal {
    /// What there is to seal or open a plan with. `make` makes a key where there is none and one is needed.
    pub fn of(project: &Project, make: bool) -> Result<Self> {
        let coder = project.place_and_keeping(None)?.1.encryption.plan;
        let encrypts = coder.as_ref().is_some_and(|coder| coder.encrypts());
        Ok(Self {
            coder,
            key: key(
                project.environment.option("PLAN_KEY"),
                Path::new(OWN_FOLDER),
                make && !encrypts,
            )?,
        })
    }
}

/// A fingerprint of everything that a plan would do.
pub fn digest(made: &Made) -> String {
    let mut hash = Sha256::new();
    let changes = made.plan.changes.iter();
    for planned in changes.filter(|planned| planned.change.action != Action::Open) {
        let change = &planned.change;
        let line = json!([
            planned.addr.to_string(),
            planned.deposed.as_deref(),
            format!("{:?}", change.action),
            planned.provider.to_string(),
            planned.import.as_deref(),
            whole(&change.before),
            whole(&change.after),
        ]);
        hash.update(line.to_string().as_bytes());
        hash.update(b"\n");
    }
    for (name, output) in &made.plan.outputs {
        let (before, after) = (
            output.before.as_ref().map(whole),
            output.after.as_ref().map(whole),
        );
        let line = json!(["output", &**name, before, after, output.sensitive]);
        hash.update(line.to_string().as_bytes());
        hash.update(b"\n");
    }
    hex::encode(hash.finalize())
}

/// A value, and where in it something is not known yet.
fn whole(value: &Value) -> Json {
    let mut unknown = Vec::new();
    path::walk(value, &mut |path, part| {
        if !part.is_known() {
            unknown.push(format!("{path:?}"));
        }
    });
    json!([to_plain_json(value), unknown])
}

/// Whether a plan may be saved there, which is asked before anything is done for it.
pub fn check_place(path: &Path) -> Result<()> {
    regular::may_replace(path).map_err(|error| {
        let detail = format!(
            "No plan can be saved as {}: {}. It was left as it is.",
            path.display(),
            super::disk::reason(&error)
        );
        Diagnostic::error("Failed to write plan file", detail)
            .hint("To see a plan without saving it, leave -out away.")
            .into()
    })
}

/// Writes a plan file, readable by its owner only.
pub fn save(path: &Path, plan: &SavedPlan, seal: &Seal) -> Result<()> {
    let text = Zeroizing::new(text(plan));
    let encrypted = match &seal.coder {
        Some(coder) => coder.seal_bytes(text.as_bytes(), None)?,
        None => None,
    };
    let bytes = match (encrypted, &seal.key) {
        (Some(envelope), _) => envelope.into_bytes(),
        (None, Some(key)) => sealed(path, text.as_bytes(), key)?,
        (None, None) => return Err(broken(path, "there is no key to seal it with").into()),
    };
    write_secret(path, &bytes).map_err(|error| {
        Diagnostic::error(
            "Failed to write plan file",
            format!(
                "The plan file {} could not be written: {error}. Nothing else was changed.",
                path.display()
            ),
        )
        .into()
    })
}

fn sealed(path: &Path, text: &[u8], key: &[u8; 32]) -> Result<Vec<u8>> {
    let mut nonce = [0u8; NONCE];
    getrandom::fill(&mut nonce).map_err(|error| broken(path, &format!("there is no randomness: {error}")))?;
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    let payload = Payload {
        msg: text,
        aad: MAGIC,
    };
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| broken(path, "the plan is too large to be sealed"))?;
    Ok([MAGIC, &nonce, &sealed].concat())
}

/// Reads a plan file.
pub fn open(path: &Path, bytes: &[u8], seal: &Seal) -> Result<SavedPlan> {
    let text = match envelope(bytes) {
        Some(envelope) => opened_envelope(path, envelope, seal)?,
        None => opened(path, bytes, seal.key.as_ref())?,
    };
    unsealed(&text).ok_or_else(|| broken(path, "it was written by another version of keyform").into())
}

fn opened_envelope(path: &Path, envelope: &str, seal: &Seal) -> Result<Zeroizing<Vec<u8>>> {
    let Some(coder) = &seal.coder else {
        let why = "it is encrypted, and no \"encryption\" block says how to decrypt plans";
        return Err(broken(path, why).into());
    };
    Ok(coder.open_bytes(envelope)?)
}

fn opened(path: &Path, bytes: &[u8], key: Option<&[u8; 32]>) -> Result<Zeroizing<Vec<u8>>> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(Diagnostic::error(
            "Failed to load plan file",
            format!("{} is no plan file of keyform. Plan files of Terraform cannot be used: make the plan again with keyform.", path.display()),
        )
        .into());
    };
    let Some(key) = key else {
        return Err(Diagnostic::error(
            "Failed to load plan file",
            format!("{} is sealed, and the key that it was sealed with is not here.", path.display()),
        )
        .hint("The key is in .keyform/plan.key of the folder in which the plan was made; it may also be given in the environment variable KEYFORM_PLAN_KEY.")
        .into());
    };
    if rest.len() < NONCE {
        return Err(broken(path, "it ends too early").into());
    }
    let (nonce, sealed) = rest.split_at(NONCE);
    let nonce: [u8; NONCE] = nonce.try_into().expect("split at this length");
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    let payload = Payload {
        msg: sealed,
        aad: MAGIC,
    };
    let text = cipher
        .decrypt(&Nonce::from(nonce), payload)
        .map_err(|_| broken(path, "it was changed, cut short, or sealed with another key"))?;
    Ok(Zeroizing::new(text))
}

/// The plan in the text that is sealed in a plan file.
pub fn unsealed(text: &[u8]) -> Option<SavedPlan> {
    from_json(&serde_json::from_slice(text).ok()?)
}

/// The text that is sealed in the file of a plan.
pub fn text(plan: &SavedPlan) -> String {
    to_json(plan).to_string()
}

/// Reads the bytes of a file that may be a plan, within bounds.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |why: String| {
        Diagnostic::error(
            "Failed to load plan file",
            format!("{} cannot be read: {why}.", path.display()),
        )
    };
    regular::read(path, LARGEST).map_err(|error| failed(super::disk::reason(&error)).into())
}

/// The key for plan files: from the environment, or kept beside the configuration. `make` makes one when there
/// is none.
pub fn key(given: Option<&str>, folder: &Path, make: bool) -> Result<Option<[u8; 32]>> {
    let invalid = |place: &str| {
        Diagnostic::error(
            "Invalid plan key",
            format!("The key for plan files in {place} must be 64 hexadecimal digits."),
        )
    };
    let decode = |text: &str| {
        hex::decode(text.trim())
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
    };
    if let Some(text) = given {
        return decode(text)
            .map(Some)
            .ok_or_else(|| invalid("KEYFORM_PLAN_KEY").into());
    }
    let path = folder.join("plan.key");
    match super::disk::read_text(&path) {
        Ok(text) => {
            return decode(&text)
                .map(Some)
                .ok_or_else(|| invalid(&path.display().to_string()).into());
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            let detail = format!(
                "{} cannot be read: {}.",
                path.display(),
                super::disk::reason(&error)
            );
            return Err(Diagnostic::error("Invalid plan key", detail).into());
        }
    }
    if !make {
        return Ok(None);
    }
    let mut key = [0u8; 32];
    let written = getrandom::fill(&mut key)
        .map_err(|error| error.to_string())
        .and_then(|()| {
            super::disk::make_private_folder(folder)
                .and_then(|()| write_secret(&path, hex::encode(key).as_bytes()))
                .map_err(|error| error.to_string())
        });
    written.map_err(|why| {
        Diagnostic::error(
            "Failed to write plan file",
            format!("No key could be made to seal the plan with: {why}."),
        )
    })?;
    Ok(Some(key))
}

fn broken(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error(
        "Failed to load plan file",
        format!("The plan file {} cannot be used: {why}.", path.display()),
    )
}

fn to_json(plan: &SavedPlan) -> Json {
    let inputs: serde_json::Map<String, Json> = plan
        .inputs
        .iter()
        .map(|(name, input)| {
            let given = match &input.given {
                Given::Text(text) => json!({ "text": text }),
                Given::Value(value) => value_to_json(value),
            };
            (
                name.to_string(),
                json!({ "given": given, "origin": input.origin }),
            )
        })
        .collect();
    let texts = |all: &[String]| all.iter().map(|text| json!(text)).collect::<Vec<_>>();
    let options = &plan.options;
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "workspace": plan.workspace,
        "sandbox": plan.sandbox,
        "sources": plan.sources.iter().map(|file| json!([file.name, file.text])).collect::<Vec<_>>(),
        "inputs": inputs,
        "ephemeral": plan.ephemeral.iter().map(|name| json!(&**name)).collect::<Vec<_>>(),
        "mode": mode_word(options.mode),
        "skip_refresh": options.skip_refresh,
        "generate": options.generate,
        "targets": texts(&options.targets.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "excludes": texts(&options.excludes.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "replace": texts(&options.replace.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "destroy_keys": texts(&options.destroy_keys.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "open": texts(&options.open.values().map(Intent::line).collect::<Vec<_>>()),
        "destroy_keys_in_use": texts(&options.destroy_keys_in_use.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "timestamp": plan.timestamp.to_string(),
        "state": plan.state,
        "record": plan.record.to_json(),
        "digest": plan.digest,
    })
}

fn from_json(json: &Json) -> Option<SavedPlan> {
    if json.get("version")?.as_str()? != env!("CARGO_PKG_VERSION") {
        return None;
    }
    let text = |name: &str| json.get(name)?.as_str().map(str::to_owned);
    let flag = |name: &str| json.get(name)?.as_bool();
    let sources = json.get("sources")?.as_array()?.iter().map(|file| {
        Some(SourceFile {
            name: file.get(0)?.as_str()?.to_owned(),
            text: file.get(1)?.as_str()?.to_owned(),
        })
    });
    let inputs: Option<BTreeMap<Text, Input>> = json
        .get("inputs")?
        .as_object()?
        .iter()
        .map(|(name, input)| Some((Text::from(name.as_str()), input_from_json(input)?)))
        .collect();
    let texts = |name: &str| {
        json.get(name)?
            .as_array()?
            .iter()
            .map(|text| text.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
    };
    let addresses = |name: &str| {
        let texts = texts(name)?;
        let read = texts.iter().map(|text| crate::addr::parse_target(text).ok());
        read.collect::<Option<Vec<_>>>()
    };
    let allowed = |name: &str| {
        let texts = texts(name)?;
        let read = texts.iter().map(|text| Allowed::parse(text).ok());
        read.collect::<Option<Vec<_>>>()
    };
    let mode = match text("mode")?.as_str() {
        "normal" => Mode::Normal,
        "destroy" => Mode::Destroy,
        "refresh-only" => Mode::RefreshOnly,
        _ => return None,
    };
    let options = Options {
        mode,
        skip_refresh: flag("skip_refresh")?,
        generate: flag("generate")?,
        targets: addresses("targets")?,
        excludes: addresses("excludes")?,
        replace: texts("replace")?
            .iter()
            .map(|text| crate::addr::parse_instance(text).ok())
            .collect::<Option<_>>()?,
        destroy_keys: allowed("destroy_keys")?,
        destroy_keys_in_use: allowed("destroy_keys_in_use")?,
        open: texts("open")?
            .iter()
            .map(|line| Intent::parse(line).map(|intent| (intent.address.clone(), intent)))
            .collect::<Option<_>>()?,
    };
    Some(SavedPlan {
        workspace: text("workspace")?,
        sandbox: flag("sandbox")?,
        sources: sources.collect::<Option<_>>()?,
        inputs: inputs?,
        ephemeral: texts("ephemeral")?.into_iter().map(Text::from).collect(),
        options,
        timestamp: text("timestamp")?.parse().ok()?,
        state: text("state")?,
        record: Record::from_json(json.get("record")?)?,
        digest: text("digest")?,
    })
}

fn input_from_json(json: &Json) -> Option<Input> {
    let given = json.get("given")?;
    let given = match given.get("text") {
        Some(text) => Given::Text(text.as_str()?.to_owned()),
        None => Given::Value(value_from_json(given)?),
    };
    Some(Input {
        given,
        origin: json.get("origin")?.as_str()?.to_owned(),
        span: None,
    })
}

fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Normal => "normal",
        Mode::Destroy => "destroy",
        Mode::RefreshOnly => "refresh-only",
    }
}

#[cfg(test)]
mod tests {
    use super::{SavedPlan, Seal, is_plan_file, open, save};
    use crate::config::SourceFile;
    use crate::eval::{Given, Input, Inputs};
    use crate::plan::Options;
    use crate::plan::record::Record;
    use crate::value::{Marks, Value};

    fn seal(key: Option<[u8; 32]>) -> Seal {
        Seal { coder: None, key }
    }

    fn plan() -> SavedPlan {
        let secret = Value::string("hunter2-secret").with_marks(Marks::SENSITIVE);
        let input = Input {
            given: Given::Value(secret),
            origin: "a test".into(),
            span: None,
        };
        SavedPlan {
            workspace: "default".into(),
            sandbox: false,
            sources: vec![SourceFile {
                name: "main.tf".into(),
                text: "locals {}".into(),
            }],
            inputs: Inputs::from([("password".into(), input)]),
            ephemeral: vec!["token".into()],
            options: Options::default(),
            timestamp: "2026-01-02T03:04:05Z".parse().unwrap(),
            state: String::new(),
            record: Record::default(),
            digest: "d".into(),
        }
    }

    #[test]
    fn a_plan_file_shows_no_secret_and_comes_back_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p");
        save(&path, &plan(), &seal(Some([7; 32]))).unwrap();
        let bytes = fs_err::read(&path).unwrap();
        assert!(is_plan_file(&bytes));
        assert!(!bytes.windows(7).any(|part| part == b"hunter2"));
        let back = open(&path, &bytes, &seal(Some([7; 32]))).unwrap();
        assert_eq!(back.sources, plan().sources);
        assert_eq!(back.ephemeral, plan().ephemeral);
        let Given::Value(value) = &back.inputs["password"].given else {
            panic!("a value went in")
        };
        assert!(value.is_sensitive());
        assert_eq!(value.as_str(), Some("hunter2-secret"));
    }

    #[test]
    fn a_changed_plan_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p");
        save(&path, &plan(), &seal(Some([7; 32]))).unwrap();
        let mut bytes = fs_err::read(&path).unwrap();
        assert!(open(&path, &bytes, &seal(Some([8; 32]))).is_err());
        assert!(open(&path, &bytes, &seal(None)).is_err());
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert!(open(&path, &bytes, &seal(Some([7; 32]))).is_err());
        assert!(open(&path, &bytes[..20], &seal(Some([7; 32]))).is_err());
    }

    #[test]
    fn only_its_owner_can_read_a_plan_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p");
        save(&path, &plan(), &seal(Some([7; 32]))).unwrap();
        assert_eq!(
            fs_err::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
