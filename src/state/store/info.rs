//! Who holds a lock, in Terraform's form.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::state::TERRAFORM_VERSION;

/// What the holder of a lock says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LockInfo {
    #[serde(rename = "ID")]
    pub id: String,
    /// `OperationTypeApply`, `state-mv` and the like.
    pub operation: String,
    pub info: String,
    /// `user@host`
    pub who: String,
    pub version: String,
    /// RFC 3339, in UTC.
    pub created: String,
    pub path: String,
}

impl LockInfo {
    /// A lock to be taken now.
    #[expect(clippy::disallowed_methods, reason = "locks say when they were really taken")]
    pub fn new(operation: &str, who: &str) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            operation: operation.to_owned(),
            who: who.to_owned(),
            version: TERRAFORM_VERSION.to_owned(),
            created: jiff::Timestamp::now().to_string(),
            ..Self::default()
        }
    }

    /// The lines for a message, with the age of the lock.
    pub(super) fn lines(&self, now: jiff::Timestamp) -> String {
        let mut lines = String::from("Lock Info:\n");
        let created = self.created.parse::<jiff::Timestamp>();
        let age = created.map(|created| age(now.duration_since(created).as_secs()));
        for (name, text) in [
            ("ID", &self.id),
            ("Path", &self.path),
            ("Operation", &self.operation),
            ("Who", &self.who),
            ("Version", &self.version),
            ("Created", &self.created),
            ("Age", &age.unwrap_or_else(|_| "unknown".into())),
            ("Info", &self.info),
        ] {
            let line = format!("  {:<11}{text}", format!("{name}:"));
            writeln!(lines, "{}", line.trim_end()).expect("a String takes all");
        }
        lines
    }
}

fn age(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_holder_and_age() {
        let info = LockInfo {
            id: "i".into(),
            who: "me@here".into(),
            created: "2026-11-21T22:16:49.112599023Z".into(),
            ..LockInfo::default()
        };
        let lines = info.lines("2026-11-21T22:19:50Z".parse().unwrap());
        assert!(
            lines.contains("  Who:       me@here\n") && lines.contains("  Age:       3 min\n"),
            "{lines}"
        );
    }

    #[test]
    fn the_file_has_terraforms_keys() {
        let text = serde_json::to_string(&LockInfo::default()).unwrap();
        assert_eq!(
            text,
            r#"{"ID":"","Operation":"","Info":"","Who":"","Version":"","Created":"","Path":""}"#
        );
    }
}
