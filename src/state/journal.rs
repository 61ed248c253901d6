//! The journal beside a state file: what was done since the state was last written, a checksummed line each.
//!
//! A line is `KFJ1 LENGTH CRC32 JSON`. This file knows the lines and how to fold them into a state; where they
//! are kept is the business of the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{Object, OutputValue, State, v4};
use crate::addr::{InstanceAddr, ProviderConfig, parse_instance};
use crate::diag::Diagnostic;
use crate::value::Text;

const MARK: &str = "KFJ1";

/// One line of a journal.
#[derive(Clone, Debug)]
pub enum Record {
    /// Opens a journal: which state it continues, and who writes it.
    Begin(Begin),
    /// A call that must not be repeated blindly is about to be sent.
    Intent(Intent),
    /// An object exists now as recorded.
    Done {
        address: InstanceAddr,
        deposed: Option<Text>,
        provider: ProviderConfig,
        object: Arc<Object>,
    },
    /// An object is gone.
    Removed {
        address: InstanceAddr,
        deposed: Option<Text>,
    },
    /// What was intended for this instance did not happen.
    Failed { address: InstanceAddr },
    /// The outputs are these now.
    Outputs(BTreeMap<Text, OutputValue>),
    /// All before this line is in the state file of this serial and hash, once that file is in place.
    Checkpoint { serial: u64, hash: String },
    /// The run came to its end and all before this line is in the state file. Only intents are left open.
    End,
}

/// The state a journal continues. The hash of a state that did not exist is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    pub lineage: Text,
    pub serial: u64,
    pub hash: String,
    pub pid: u32,
    pub who: String,
}

/// Something about to be done that the next run must look after when nothing more is heard of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    pub address: InstanceAddr,
    /// `create`, `update`, `delete`
    pub action: Text,
    /// What helps to find out whether it happened; never a secret.
    pub notes: BTreeMap<Text, Text>,
}

/// What a journal makes of a state.
#[derive(Clone, Debug)]
pub struct Replay {
    pub state: State,
    /// Whether anything was folded in.
    pub changed: bool,
    /// Intents of which nothing more was heard.
    pub unsettled: Vec<Intent>,
}

/// The fingerprint of a state file's text that ties a journal to it. It guards against accidents, not attacks.
pub fn fingerprint(text: &str) -> String {
    format!("{:x}-{:08x}", text.len(), crc32fast::hash(text.as_bytes()))
}

impl Record {
    /// The record as a line of a journal, line break included.
    pub fn line(&self) -> String {
        let json = self.json();
        format!(
            "{MARK} {} {:08x} {json}\n",
            json.len(),
            crc32fast::hash(json.as_bytes())
        )
    }

    fn json(&self) -> String {
        let deposed_part = |deposed: &Option<Text>| match deposed {
            Some(key) => format!(r#","deposed":{}"#, json!(&**key)),
            None => String::new(),
        };
        match self {
            Self::Begin(begin) => json!({"begin": {
                "lineage": &*begin.lineage, "serial": begin.serial, "hash": begin.hash, "pid": begin.pid, "who": begin.who,
            }})
            .to_string(),
            Self::Intent(intent) => {
                let notes: serde_json::Map<String, Json> = intent
                    .notes
                    .iter()
                    .map(|(name, note)| (name.to_string(), json!(&**note)))
                    .collect();
                json!({"intent": {"address": intent.address.to_string(), "action": &*intent.action, "notes": notes}})
                    .to_string()
            }
            Self::Done { address, deposed, provider, object } => format!(
                r#"{{"done":{{"address":{}{},"provider":{},"object":{}}}}}"#,
                json!(address.to_string()),
                deposed_part(deposed),
                json!(provider.to_string()),
                v4::write_object(object),
            ),
            Self::Removed { address, deposed } => {
                format!(r#"{{"removed":{{"address":{}{}}}}}"#, json!(address.to_string()), deposed_part(deposed))
            }
            Self::Failed { address } => json!({"failed": {"address": address.to_string()}}).to_string(),
            Self::Outputs(outputs) => format!(r#"{{"outputs":{}}}"#, v4::write_outputs(outputs)),
            Self::Checkpoint { serial, hash } => json!({"checkpoint": {"serial": serial, "hash": hash}}).to_string(),
            Self::End => r#"{"end":{}}"#.to_owned(),
        }
    }

    fn parse(json: &str, name: &str) -> Option<Self> {
        let record: Json = serde_json::from_str(json).ok()?;
        let (kind, body) = record.as_object()?.iter().next()?;
        let text = |key: &str| body[key].as_str();
        let address = || parse_instance(text("address")?).ok();
        let deposed = || text("deposed").map(Text::from);
        Some(match kind.as_str() {
            "begin" => Self::Begin(Begin {
                lineage: text("lineage")?.into(),
                serial: body["serial"].as_u64()?,
                hash: text("hash")?.into(),
                pid: u32::try_from(body["pid"].as_u64()?).ok()?,
                who: text("who")?.into(),
            }),
            "intent" => Self::Intent(Intent {
                address: address()?,
                action: text("action")?.into(),
                notes: body["notes"]
                    .as_object()?
                    .iter()
                    .map(|(name, note)| Some((name.as_str().into(), note.as_str()?.into())))
                    .collect::<Option<_>>()?,
            }),
            "done" => Self::Done {
                address: address()?,
                deposed: deposed(),
                provider: ProviderConfig::parse(text("provider")?)?,
                object: v4::read_object(&body["object"].to_string().into(), name)
                    .ok()?
                    .into(),
            },
            "removed" => Self::Removed {
                address: address()?,
                deposed: deposed(),
            },
            "failed" => Self::Failed { address: address()? },
            "outputs" => Self::Outputs(v4::read_outputs(&body.to_string().into(), name).ok()?),
            "checkpoint" => Self::Checkpoint {
                serial: body["serial"].as_u64()?,
                hash: text("hash")?.into(),
            },
            "end" => Self::End,
            _ => return None,
        })
    }
}

/// Reads a journal, and says up to where it is whole. A last line that was not written whole is left out;
/// anything else that is wrong is an error.
pub fn read(bytes: &[u8], name: &str) -> Result<(Vec<Record>, usize), Diagnostic> {
    let mut records = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let Some((json, after)) = split_line(rest) else {
            if later_lines(rest).any(|later| split_line(later).is_some()) {
                return Err(damaged(name, at));
            }
            break;
        };
        records.push(Record::parse(json, name).ok_or_else(|| damaged(name, at))?);
        rest = after;
    }
    match records.first() {
        None | Some(Record::Begin(_)) => Ok((records, bytes.len() - rest.len())),
        Some(_) => Err(damaged(name, 0)),
    }
}

fn damaged(name: &str, at: usize) -> Diagnostic {
    Diagnostic::error(
        "Journal is damaged",
        format!(
            "{name} holds what an interrupted run did, and cannot be read from byte {at} on although more follows there. Nothing was changed. Look into it for what was created, then move it away to go on without it."
        ),
    )
}

/// The JSON of the first line, if the line is whole, and what follows it.
fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(MARK.as_bytes())?.strip_prefix(b" ")?;
    let (length, rest) = word(rest)?;
    let (checksum, rest) = word(rest)?;
    let length: usize = length.parse().ok()?;
    let json = rest.get(..length)?;
    let after = rest.get(length..)?.strip_prefix(b"\n")?;
    let whole = u32::from_str_radix(checksum, 16).ok()? == crc32fast::hash(json);
    whole.then_some((std::str::from_utf8(json).ok()?, after))
}

fn word(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().take(20).position(|&b| b == b' ')?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]))
}

fn later_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    breaks.map(|(at, _)| &bytes[at + 1..])
}

/// Folds a journal into the state it continues. `file` is that state with its fingerprint, as far as one exists.
pub fn replay(file: Option<(State, String)>, records: Vec<Record>, name: &str) -> Result<Replay, Diagnostic> {
    let (mut state, hash) = file.unwrap_or_else(|| (State::new(), String::new()));
    let unsettled = unsettled(&records);
    let Some(Record::Begin(begin)) = records.first() else {
        return Ok(Replay {
            state,
            changed: false,
            unsettled,
        });
    };
    let foreign = !hash.is_empty() && state.lineage != begin.lineage;
    if matches!(records.last(), Some(Record::End)) && !foreign {
        state.lineage = begin.lineage.clone();
        return Ok(Replay {
            state,
            changed: false,
            unsettled,
        });
    }
    let Some(start) = records
        .iter()
        .rposition(|record| continues(record, state.serial, &hash))
    else {
        return Err(other_state(name));
    };
    if foreign {
        return Err(other_state(name));
    }
    state.lineage = begin.lineage.clone();
    let mut changed = false;
    for record in records.into_iter().skip(start) {
        changed |= apply(&mut state, record);
    }
    Ok(Replay {
        state,
        changed,
        unsettled,
    })
}

fn continues(record: &Record, of_serial: u64, of_hash: &str) -> bool {
    match record {
        Record::Begin(begin) => begin.hash == of_hash && (begin.serial == of_serial || of_hash.is_empty()),
        Record::Checkpoint { serial, hash } => *serial == of_serial && hash == of_hash,
        _ => false,
    }
}

fn other_state(name: &str) -> Diagnostic {
    Diagnostic::error(
        "Journal of another state",
        format!(
            "{name} holds what an interrupted run did, but the state beside it was changed by another program since then. Nothing was changed. Put the state back that the run started from (its backup), or look into the journal for what was created and move it away to go on without it."
        ),
    )
}

fn apply(state: &mut State, record: Record) -> bool {
    match record {
        Record::Done {
            address,
            deposed,
            provider,
            object,
        } => match deposed {
            None => state.insert(&address, &provider, object),
            Some(key) => state.insert_deposed(&address, key, &provider, object),
        },
        Record::Removed { address, deposed } => {
            match deposed {
                None => state.remove(&address),
                Some(key) => state.remove_deposed(&address, &key),
            };
        }
        Record::Outputs(outputs) => state.outputs = outputs,
        Record::Begin(_)
        | Record::Intent(_)
        | Record::Failed { .. }
        | Record::Checkpoint { .. }
        | Record::End => {
            return false;
        }
    }
    true
}

fn unsettled(records: &[Record]) -> Vec<Intent> {
    let mut open: Vec<Intent> = Vec::new();
    for record in records {
        match record {
            Record::Intent(intent) => {
                open.retain(|other| other.address != intent.address);
                open.push(intent.clone());
            }
            Record::Done { address, .. } | Record::Removed { address, .. } | Record::Failed { address } => {
                open.retain(|intent| intent.address != *address);
            }
            Record::Begin(_) | Record::Outputs(_) | Record::Checkpoint { .. } | Record::End => {}
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{InstanceKey, ModulePath, ResourceName};
    use crate::value::Value;

    fn address(name: &str) -> InstanceAddr {
        InstanceAddr::new(
            ModulePath::root(),
            ResourceName::managed("t", name),
            InstanceKey::Text("k".into()),
        )
    }

    fn begin() -> Record {
        Record::Begin(Begin {
            lineage: "l".into(),
            serial: 0,
            hash: String::new(),
            pid: 1,
            who: "me".into(),
        })
    }

    fn done(name: &str) -> Record {
        let value = Value::object_of([("id", Value::from("<x>"))]);
        Record::Done {
            address: address(name),
            deposed: None,
            provider: ProviderConfig::parse(r#"provider["h/n/t"]"#).unwrap(),
            object: Object::new(&value, &value.ty(), 0).unwrap().into(),
        }
    }

    fn intent(name: &str) -> Record {
        Record::Intent(Intent {
            address: address(name),
            action: "create".into(),
            notes: BTreeMap::from([("marker".into(), "m".into())]),
        })
    }

    fn text(records: &[Record]) -> String {
        records.iter().map(Record::line).collect()
    }

    #[track_caller]
    fn check(journal: &[u8], names: &[&str], unsettled: usize) {
        let replay = replay(None, read(journal, "j").unwrap().0, "j").unwrap();
        let found: Vec<_> = replay.state.current().map(|(address, _)| address).collect();
        assert_eq!(found, names.iter().map(|name| address(name)).collect::<Vec<_>>());
        assert_eq!(replay.unsettled.len(), unsettled);
    }

    #[test]
    fn what_was_done_is_folded_in() {
        let removed = Record::Removed {
            address: address("a"),
            deposed: None,
        };
        let records = [begin(), intent("a"), done("a"), intent("c"), done("b"), removed];
        check(text(&records).as_bytes(), &["b"], 1);
    }

    #[test]
    fn a_torn_tail_is_cut_at_every_length() {
        let whole = text(&[begin(), done("a")]);
        let longer = text(&[begin(), done("a"), done("b")]);
        for end in whole.len()..longer.len() {
            check(&longer.as_bytes()[..end], &["a"], 0);
        }
        check(format!("{whole}\0\0\0").as_bytes(), &["a"], 0);
        check(b"", &[], 0);
    }

    #[test]
    fn damage_in_the_middle_is_an_error() {
        let broken = text(&[begin(), done("a"), done("b")]).replacen("\"id\"", "\"ix\"", 1);
        assert_eq!(
            read(broken.as_bytes(), "j").unwrap_err().summary,
            "Journal is damaged"
        );
    }

    #[test]
    fn a_journal_fits_only_its_state() {
        let state = State {
            serial: 3,
            lineage: "l".into(),
            ..State::new()
        };
        let refused = |serial, hash: &str| {
            let state = State {
                serial,
                ..state.clone()
            };
            replay(Some((state, hash.into())), vec![begin(), done("a")], "j").is_err()
        };
        assert!(refused(3, "other") && refused(0, "other"));
    }

    #[test]
    fn a_journal_that_ended_tells_only_what_is_open() {
        check(
            text(&[begin(), intent("a"), intent("b"), done("b"), Record::End]).as_bytes(),
            &[],
            1,
        );
    }

    #[test]
    fn what_a_checkpoint_covers_is_not_done_again() {
        let state = State {
            serial: 1,
            lineage: "l".into(),
            ..State::new()
        };
        let checkpoint = Record::Checkpoint {
            serial: 1,
            hash: "h".into(),
        };
        let records = vec![begin(), done("a"), checkpoint, done("b")];
        let replay = replay(Some((state, "h".into())), records, "j").unwrap();
        assert_eq!(replay.state.objects().count(), 1);
        assert!(replay.changed);
    }
}
