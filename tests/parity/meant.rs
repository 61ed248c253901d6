//! Where keyform is meant to differ from terraform: the file `meant` of a case.
//!
//! It begins with the reason, in lines that begin with `# `. Below, after a line `== ` with what is compared, stand
//! the lines that only terraform (`-`) and only keyform (`+`) has. All must be there, and no other.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::Difference;

/// The start of a file whose differences nobody has explained yet.
const UNEXPLAINED: &str = "# why?\n";

pub(super) struct Meant {
    path: PathBuf,
    /// The lines of the reason; empty where nothing is meant to differ.
    reason: String,
    lines: String,
}

impl Meant {
    /// What a case's folder says of it.
    pub(super) fn read(case: &Path) -> Self {
        let path = case.join("meant");
        let text = fs_err::read_to_string(&path).unwrap_or_default();
        let start = text.find("\n== ").map_or(text.len(), |at| at + 1);
        Self {
            path,
            reason: text[..start].to_owned(),
            lines: text[start..].to_owned(),
        }
    }

    /// Compares with what was found; gives what is wrong, or writes what is meant where it is told to.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told by the environment what to do"
    )]
    pub(super) fn check(&self, case: &str, found: &[Difference]) -> String {
        let found = lines(found);
        if std::env::var("KEYFORM_TEST").is_ok_and(|value| value == "bless") {
            self.write(&found);
            String::new()
        } else if found != self.lines {
            let difference = similar::TextDiff::from_lines(&self.lines, &found);
            let shown = difference.unified_diff().header("meant", "found").to_string();
            format!("\n=== {case}\n{shown}")
        } else if !found.is_empty() && (self.reason.is_empty() || self.reason == UNEXPLAINED) {
            format!("\n=== {case}: the file meant gives no reason\n")
        } else {
            String::new()
        }
    }

    fn write(&self, found: &str) {
        if found.is_empty() {
            let _ = fs_err::remove_file(&self.path);
            return;
        }
        let reason = if self.reason.is_empty() {
            UNEXPLAINED
        } else {
            &self.reason
        };
        fs_err::write(&self.path, format!("{reason}{found}")).unwrap();
    }
}

/// The lines that only one of the two has.
fn lines(found: &[Difference]) -> String {
    let mut text = String::new();
    for one in found {
        let _ = writeln!(text, "== {}", one.what);
        let difference = similar::TextDiff::from_lines(&one.theirs, &one.ours);
        for change in difference.iter_all_changes() {
            if change.tag() != similar::ChangeTag::Equal {
                let _ = writeln!(text, "{}{}", change.tag(), change.value().trim_end_matches('\n'));
            }
        }
    }
    text
}
