//! The journal beside a state file: what was done since the state was last written, a checksummed line each.
//!
//! A line is `KFJ1 LENGTH CRC32 JSON`, and every line is a whole step: a journal that ends after any of them is true.
//! This file knows the lines; [`replay`](super::replay) folds them into a state, and where they are kept is the business of
//! the store.

use std::sync::Arc;

use serde_json::{Value as Json, json};

pub use super::intent::Intent;
use super::{Manner, Object, Secrets, v4};
use crate::addr::{InstanceAddr, ProviderConfig, parse_instance};
use crate::diag::Diagnostic;
use crate::value::Text;

const MARK: &str = "KFJ1";

/// One line of a journal.
#[derive(Clone, Debug)]
pub enum Record {
    /// Opens a journal: which state it continues.
    Begin(Begin),
    /// An object is about to be made, by a call that must not be repeated blindly.
    Intent(Intent),
    /// The current object of the instance is this one now; of a new one more may have to be done before it is as planned.
    Done {
        address: InstanceAddr,
        /// It is the one that was intended.
        created: bool,
        provider: ProviderConfig,
        object: Arc<Object>,
    },
    /// An object is gone.
    Removed {
        address: InstanceAddr,
        deposed: Option<Text>,
    },
    /// The current object was put aside under this key.
    Deposed { address: InstanceAddr, key: Text },
    /// The object that was put aside under this key is the current one again.
    Restored { address: InstanceAddr, key: Text },
    /// Instances have other addresses now, all at once: what is recorded of them, and what is open.
    Moved {
        instances: Vec<(InstanceAddr, InstanceAddr)>,
    },
    /// Nothing is open any more of what was intended for this instance.
    Settled { address: InstanceAddr },
    /// All before this line is in the state file of this serial and hash, once that file is in place.
    Checkpoint { serial: u64, hash: String },
}

/// The state a journal continues. The hash of a state that did not exist is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Begin {
    pub lineage: Text,
    pub serial: u64,
    pub hash: String,
}

impl Intent {
    /// The intent as a line of a journal.
    pub fn line(&self) -> String {
        Record::Intent(self.clone()).line(&Secrets::default())
    }

    /// Reads what [`Intent::line`] wrote.
    pub fn parse(line: &str) -> Option<Self> {
        match Record::parse(split_line(line.as_bytes())?.0, "the saved plan")? {
            Record::Intent(intent) => Some(intent),
            _ => None,
        }
    }
}

/// The fingerprint of a state file's text that ties a journal to it; empty for none. It guards against accidents, not
/// attacks.
pub fn fingerprint(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("{:x}-{:08x}", text.len(), crc32fast::hash(text.as_bytes()))
}

impl Record {
    /// The record as a line of a journal, line break included.
    pub fn line(&self, secrets: &Secrets) -> String {
        line(&self.json(secrets))
    }

    /// The record as a line of a journal that is kept like this.
    pub fn kept_line(&self, manner: &Manner) -> Result<String, Diagnostic> {
        Ok(line(&manner.seal_piece(self.json(&manner.secrets))?))
    }

    fn json(&self, secrets: &Secrets) -> String {
        let at =
            |kind: &str, address: &InstanceAddr| json!({kind: {"address": address.to_string()}}).to_string();
        let keyed = |kind: &str, address: &InstanceAddr, name: &str, key: &Text| {
            json!({kind: {"address": address.to_string(), name: &**key}}).to_string()
        };
        match self {
            Self::Begin(begin) => json!({"begin": {
                "lineage": &*begin.lineage, "serial": begin.serial, "hash": begin.hash,
            }})
            .to_string(),
            Self::Intent(intent) => intent.json(secrets),
            Self::Done {
                address,
                created,
                provider,
                object,
            } => format!(
                r#"{{"done":{{"address":{},"created":{created},"provider":{},"object":{}}}}}"#,
                json!(address.to_string()),
                json!(provider.to_string()),
                v4::write_object(object, address, secrets),
            ),
            Self::Removed {
                address,
                deposed: Some(key),
            } => keyed("removed", address, "deposed", key),
            Self::Removed {
                address,
                deposed: None,
            } => at("removed", address),
            Self::Deposed { address, key } => keyed("deposed", address, "key", key),
            Self::Restored { address, key } => keyed("restored", address, "key", key),
            Self::Moved { instances } => {
                let texts =
                    |(from, to): &(InstanceAddr, InstanceAddr)| json!([from.to_string(), to.to_string()]);
                let instances: Vec<Json> = instances.iter().map(texts).collect();
                json!({"moved": {"instances": instances}}).to_string()
            }
            Self::Settled { address } => at("settled", address),
            Self::Checkpoint { serial, hash } => {
                json!({"checkpoint": {"serial": serial, "hash": hash}}).to_string()
            }
        }
    }

    pub(super) fn parse(json: &str, name: &str) -> Option<Self> {
        let record: Json = serde_json::from_str(json).ok()?;
        let (kind, body) = record.as_object()?.iter().next()?;
        let text = |key: &str| body[key].as_str();
        let address = || parse_instance(text("address")?).ok();
        let key = || text("key").map(Text::from);
        Some(match kind.as_str() {
            "begin" => Self::Begin(Begin {
                lineage: text("lineage")?.into(),
                serial: body["serial"].as_u64()?,
                hash: text("hash")?.into(),
            }),
            "intent" => Self::Intent(Intent::of_json(body, name)?),
            "done" => Self::Done {
                address: address()?,
                created: body["created"].as_bool().unwrap_or(true),
                provider: ProviderConfig::parse(text("provider")?)?,
                object: v4::read_object(&body["object"].to_string().into(), name)
                    .ok()?
                    .into(),
            },
            "removed" => Self::Removed {
                address: address()?,
                deposed: text("deposed").map(Text::from),
            },
            "deposed" => Self::Deposed {
                address: address()?,
                key: key()?,
            },
            "restored" => Self::Restored {
                address: address()?,
                key: key()?,
            },
            "moved" => Self::Moved {
                instances: body["instances"]
                    .as_array()?
                    .iter()
                    .map(pair)
                    .collect::<Option<_>>()?,
            },
            "settled" => Self::Settled { address: address()? },
            "checkpoint" => Self::Checkpoint {
                serial: body["serial"].as_u64()?,
                hash: text("hash")?.into(),
            },
            _ => return None,
        })
    }

    /// Whether it says that something is recorded otherwise now.
    pub(super) fn changes(&self) -> bool {
        matches!(
            self,
            Self::Done { .. }
                | Self::Removed { .. }
                | Self::Deposed { .. }
                | Self::Restored { .. }
                | Self::Moved { .. }
        )
    }
}

/// Two addresses.
fn pair(texts: &Json) -> Option<(InstanceAddr, InstanceAddr)> {
    let address = |at: usize| parse_instance(texts.get(at)?.as_str()?).ok();
    Some((address(0)?, address(1)?))
}

impl Begin {
    /// A new journal that continues this state, with what is still open.
    pub fn lines(&self, open: &[Intent], manner: &Manner) -> Result<String, Diagnostic> {
        let open = open.iter().cloned().map(Record::Intent);
        std::iter::once(Record::Begin(self.clone()))
            .chain(open)
            .map(|record| record.kept_line(manner))
            .collect()
    }
}

/// A line of a journal, line break included, around the JSON of a record.
pub fn line(json: &str) -> String {
    format!(
        "{MARK} {} {:08x} {json}\n",
        json.len(),
        crc32fast::hash(json.as_bytes())
    )
}

/// Reads a journal, and says up to where it is whole. An end that was not written whole is left out; anything else that is
/// wrong is an error, since what stood there may be all that tells of an object. The first line is durable before the file
/// has its name, so it is never torn.
pub fn read(bytes: &[u8], name: &str, manner: &Manner) -> Result<(Vec<Record>, usize), Diagnostic> {
    let mut records = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let Some((json, after)) = split_line(rest) else {
            if records.is_empty() || !is_torn(rest) {
                return Err(damaged(name, at));
            }
            break;
        };
        let json = manner.open_piece(json, name)?;
        records.push(Record::parse(&json, name).ok_or_else(|| damaged(name, at))?);
        rest = after;
    }
    match records.first() {
        Some(Record::Begin(_)) => Ok((records, bytes.len() - rest.len())),
        _ => Err(damaged(name, 0)),
    }
}

/// Whether this is what a write leaves that did not come to its end: no line break, or pages that never reached the disk.
fn is_torn(bytes: &[u8]) -> bool {
    let is_cut = !bytes.ends_with(b"\n") || bytes.contains(&0);
    is_cut && !later_lines(bytes).any(|later| split_line(later).is_some())
}

fn damaged(name: &str, at: usize) -> Diagnostic {
    Diagnostic::error(
        "Journal is damaged",
        format!(
            "{name} holds what an interrupted run did, and from byte {at} on it is not as it was written. To go on without it could make keys a second time. Nothing was changed."
        ),
    )
    .hint("keyform recover -repair tells what can be read of it, goes on with that, and puts the damaged file aside.")
}

/// The JSON of the first line, if the line is whole, and what follows it.
pub(super) fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
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

/// The first line, with its end, and what follows it.
pub(super) fn next_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|&byte| byte == b'\n');
    bytes.split_at(end.map_or(bytes.len(), |end| end + 1))
}

fn later_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    breaks.map(|(at, _)| &bytes[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::super::protocol::Begun;
    use super::super::replay::replay;
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
        })
    }

    fn done(name: &str) -> Record {
        let value = Value::object_of([("id", Value::from("<x>"))]);
        Record::Done {
            address: address(name),
            created: true,
            provider: ProviderConfig::parse(r#"provider["h/n/t"]"#).unwrap(),
            object: Object::new(&value, &value.ty(), 0, [].into()).unwrap().into(),
        }
    }

    fn marked(name: &str) -> Intent {
        Intent {
            marker: Some("m".into()),
            begun: Begun {
                since: 7,
                aside: None,
            },
            ..Intent::of(&address(name))
        }
    }

    fn intent(name: &str) -> Record {
        Record::Intent(marked(name))
    }

    fn text(records: &[Record]) -> String {
        records
            .iter()
            .map(|record| record.line(&Secrets::default()))
            .collect()
    }

    #[track_caller]
    fn check(journal: &[u8], names: &[&str], unsettled: usize) {
        let replay = replay(None, read(journal, "j", &Manner::default()).unwrap().0, "j").unwrap();
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
        check(format!("{whole}\0\0\0{{}}\n").as_bytes(), &["a"], 0);
    }

    #[track_caller]
    fn check_damaged(journal: &str) {
        let found = read(journal.as_bytes(), "j", &Manner::default());
        assert_eq!(found.unwrap_err().summary, "Journal is damaged", "{journal:?}");
    }

    #[test]
    fn damage_is_an_error_wherever_it_is() {
        let whole = text(&[begin(), done("a"), done("b")]);
        check_damaged(&whole.replacen("\"id\"", "\"ix\"", 1));
        check_damaged(&text(&[begin(), done("a")]).replacen("\"id\"", "\"ix\"", 1));
        check_damaged(&whole.replace('\n', "\r\n"));
        check_damaged(&whole.replacen("KFJ1", "KFJ2", 1));
        check_damaged(&format!("{whole}\n"));
        check_damaged(&whole[..20]);
        check_damaged(&"\0".repeat(whole.len()));
        check_damaged("");
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
    fn a_journal_that_changes_nothing_goes_with_any_state() {
        let state = State {
            serial: 7,
            lineage: "l".into(),
            ..State::new()
        };
        let records = vec![
            begin(),
            intent("a"),
            intent("b"),
            Record::Settled {
                address: address("b"),
            },
        ];
        let replay = replay(Some((state, "other".into())), records, "j").unwrap();
        assert!(!replay.changed);
        let open: Vec<String> = replay.unsettled.iter().map(Intent::line).collect();
        assert_eq!(open, [marked("a").line()]);
        assert_eq!(Intent::parse(&open[0]).unwrap().line(), open[0]);
    }

    #[test]
    fn only_the_intended_object_closes_its_intent() {
        let gone = Record::Removed {
            address: address("a"),
            deposed: Some("00000000".into()),
        };
        let mut other = done("a");
        if let Record::Done { created, .. } = &mut other {
            *created = false;
        }
        check(text(&[begin(), intent("a"), gone, other]).as_bytes(), &["a"], 1);
        check(text(&[begin(), intent("a"), done("a")]).as_bytes(), &["a"], 0);
    }

    #[test]
    fn what_moves_moves_with_what_is_open_all_at_once() {
        let moved = Record::Moved {
            instances: vec![(address("a"), address("b")), (address("b"), address("a"))],
        };
        let records = text(&[begin(), done("a"), intent("b"), moved]);
        check(records.as_bytes(), &["b"], 1);
        let (records, _) = read(records.as_bytes(), "j", &Manner::default()).unwrap();
        let replay = replay(None, records, "j").unwrap();
        assert_eq!(replay.unsettled[0].address, address("a"));
    }

    #[test]
    fn wherever_a_journal_ends_no_object_is_current_and_deposed() {
        let (address, key) = (address("a"), Text::from("00000000"));
        let records = [
            begin(),
            done("a"),
            intent("a"),
            Record::Deposed {
                address: address.clone(),
                key: key.clone(),
            },
            Record::Restored { address, key },
        ];
        let whole = text(&records);
        let first = text(&records[..1]).len();
        for end in first..=whole.len() {
            let records = read(&whole.as_bytes()[..end], "j", &Manner::default()).unwrap().0;
            assert!(replay(None, records, "j").unwrap().state.objects().count() <= 1);
        }
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
