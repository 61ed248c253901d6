//! The name of a workspace, which is also the name of a folder.

use std::fmt;

/// A name without path separators: it cannot lead out of the folder of workspaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceName(String);

impl WorkspaceName {
    /// The name that a text is, if it may be one.
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~$&+,:=@!'()*;".contains(c);
        let valid = !matches!(text, "" | "." | "..") && text.chars().all(allowed);
        valid.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the workspace that is always there.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for WorkspaceName {
    fn default() -> Self {
        Self("default".into())
    }
}

impl fmt::Display for WorkspaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::WorkspaceName;

    #[test]
    fn a_name_stays_in_its_folder() {
        for name in ["default", "a.b", "...", "x-1@y"] {
            assert!(WorkspaceName::parse(name).is_some(), "{name}");
        }
        for name in ["", ".", "..", "../evil", "a/b", "a\\b", "a b", "a\nb", "\u{e9}"] {
            assert!(WorkspaceName::parse(name).is_none(), "{name}");
        }
    }
}
