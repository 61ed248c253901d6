//! What can still be read of a journal that somebody or something has damaged.

use serde_json::Value as Json;

use crate::diag::Diagnostic;

use super::journal::{Record, next_line, split_line};
use super::{Manner, Secrets};

/// A damaged journal, line by line.
#[derive(Clone, Debug, Default)]
pub struct Salvage {
    /// What it holds for certain, and creations whose line is readable although it is not as it was written: to look for
    /// them in vain costs nothing.
    pub records: Vec<Record>,
    /// The lines that are not as they were written, in order.
    pub damaged: Vec<Damaged>,
}

/// A line that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// The number of its first byte, from 0 on. None where the line is whole, and cannot be told to go with the state.
    pub at: Option<usize>,
    /// What it seems to say.
    pub about: String,
    /// It tells of a creation, which stays open.
    pub is_kept: bool,
}

impl Damaged {
    /// What is not gone on with, although its line is whole.
    pub(super) fn of(record: &Record) -> Self {
        Self {
            at: None,
            about: about(&record.line(&Secrets::default())),
            is_kept: false,
        }
    }
}

/// Reads all lines that can be read. An error where the key of an encrypted journal is missing.
pub fn salvage(bytes: &[u8], name: &str, manner: &Manner) -> Result<Salvage, Diagnostic> {
    let mut found = Salvage::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let (line, after) = next_line(rest);
        rest = after;
        let mut whole = without_return(line);
        whole.push(b'\n');
        if let Some((json, _)) = split_line(&whole)
            && let Some(record) = Record::parse(&manner.open_piece(json, name)?, name)
        {
            found.records.push(record);
            continue;
        }
        let text = String::from_utf8_lossy(line);
        let record = json_of(&text).and_then(|json| Record::parse(json, name));
        let intent = record.filter(|record| matches!(record, Record::Intent(_)));
        found.damaged.push(Damaged {
            at: Some(at),
            about: about(&text),
            is_kept: intent.is_some(),
        });
        found.records.extend(intent);
    }
    Ok(found)
}

/// A line without its end, where a tool may have put a carriage return.
fn without_return(line: &[u8]) -> Vec<u8> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line).to_vec()
}

fn json_of(line: &str) -> Option<&str> {
    let start = line.find('{')?;
    Some(line[start..].trim_end())
}

/// What a line seems to say.
fn about(line: &str) -> String {
    let kinds = [
        ("begin", "the beginning"),
        ("intent", "a creation that was begun"),
        ("done", "an object that was made or changed"),
        ("removed", "an object that was destroyed or forgotten"),
        ("deposed", "an object that was put aside"),
        ("restored", "an object that was put back"),
        ("moved", "instances that were moved"),
        ("settled", "a creation that was settled"),
        ("checkpoint", "a state that was written"),
    ];
    let kind = kinds
        .iter()
        .find(|(word, _)| line.contains(&format!("{{\"{word}\"")));
    let kind = kind.map_or("unreadable", |(_, kind)| kind);
    let told = ["address", "id", "marker"].map(|member| {
        let text = member_of(line, member)?;
        Some(format!("{member} {text}"))
    });
    let told: Vec<String> = told.into_iter().flatten().collect();
    if told.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind} ({})", told.join(", "))
    }
}

/// The first text member of this name.
fn member_of(line: &str, name: &str) -> Option<String> {
    let name = format!("\"{name}\":");
    let start = line.find(&name)? + name.len();
    let mut texts = serde_json::Deserializer::from_str(&line[start..]).into_iter::<Json>();
    Some(texts.next()?.ok()?.as_str()?.chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::super::journal::{Begin, Intent};
    use super::*;
    use crate::addr::parse_instance;

    fn lines() -> [String; 3] {
        let manner = Manner::default();
        let begin = Begin::default().lines(&[], &manner).unwrap();
        let intent = |name: &str| Intent {
            marker: Some("0a1b2c3d.fedcba9876544321".into()),
            ..Intent::of(&parse_instance(name).unwrap())
        };
        [begin, intent("t.a").line(), intent("t.b").line()]
    }

    #[track_caller]
    fn check(text: &str, kept: &[&str], damaged: &[(&str, bool)]) {
        let found = salvage(text.as_bytes(), "j", &Manner::default()).unwrap();
        let open = found.records.iter().filter_map(|record| match record {
            Record::Intent(intent) => Some(intent.address.to_string()),
            _ => None,
        });
        assert_eq!(open.collect::<Vec<_>>(), kept);
        let told = found.damaged.iter().map(|one| (&*one.about, one.is_kept));
        assert_eq!(told.collect::<Vec<_>>(), damaged);
    }

    #[test]
    fn what_is_whole_is_kept_and_the_rest_is_told() {
        let [begin, a, b] = lines();
        let told = "a creation that was begun (address t.a, marker 0a1b2c3d.fedcba9876544321)";
        check(&format!("{begin}{a}{b}"), &["t.a", "t.b"], &[]);
        let flipped = a.replacen("KFJ1", "KFJ2", 1);
        check(&format!("{begin}{flipped}{b}"), &["t.a", "t.b"], &[(told, true)]);
        let cut = a.trim_end().trim_end_matches('}');
        check(&format!("{begin}{cut}\n{b}"), &["t.b"], &[(told, false)]);
        check(&format!("{begin}\0\0\0\n{b}"), &["t.b"], &[("unreadable", false)]);
        check(&a[..20], &[], &[("unreadable", false)]);
    }

    #[test]
    fn carriage_returns_are_no_loss() {
        let text = lines().concat().replace('\n', "\r\n");
        check(&text, &["t.a", "t.b"], &[]);
    }
}
