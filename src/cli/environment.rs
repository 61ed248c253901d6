//! The environment, read once, as a plain map.

use std::collections::BTreeMap;

/// How the names of variables end that hold secrets, whether or not a provider reads them.
const SECRETS: [&str; 6] = [
    "KEYFORM_PLAN_KEY",
    "SECRET_ACCESS_KEY",
    "ACCESS_KEY_SECRET",
    "ALICLOUD_SECRET_KEY",
    "SESSION_TOKEN",
    "SECURITY_TOKEN",
];

/// Environment variables by name.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    all: BTreeMap<String, String>,
    /// The names of those whose values are no Unicode text.
    garbled: Vec<String>,
}

impl Environment {
    /// The environment of this process.
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub fn of_process() -> Self {
        let mut found = Self::default();
        for (name, value) in std::env::vars_os() {
            match (name.to_string_lossy().into_owned(), value.into_string()) {
                (name, Ok(value)) => drop(found.all.insert(name, value)),
                (name, Err(_)) => found.garbled.push(name),
            }
        }
        found
    }

    /// A variable that is meant for us and cannot be read. To go on without it would be to go on with another value.
    pub fn unreadable(&self) -> Option<&str> {
        let ours = |name: &&String| name.starts_with("TF_") || name.starts_with("KEYFORM_");
        self.garbled.iter().find(ours).map(String::as_str)
    }

    /// An environment of these variables.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let pairs = pairs.into_iter();
        Self {
            all: pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            garbled: Vec::new(),
        }
    }

    /// A variable by its full name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all.get(name).map(String::as_str)
    }

    /// A setting of the program: `KEYFORM_<name>`, or else `TF_<name>`. Empty ones count as not set.
    pub fn option(&self, name: &str) -> Option<&str> {
        let set = |prefix| {
            self.get(&format!("{prefix}{name}"))
                .filter(|value| !value.is_empty())
        };
        ["KEYFORM_", "TF_"].into_iter().find_map(set)
    }

    /// Values that are secret whoever asks for them: the key of saved plans, and credentials of clouds.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let ends = |name: &str| SECRETS.iter().any(|end| name.ends_with(end));
        self.all
            .iter()
            .filter(move |(name, _)| ends(name))
            .map(|(_, value)| value.as_str())
    }

    /// The user's home folder.
    pub fn home(&self) -> Option<std::path::PathBuf> {
        self.get("HOME").filter(|home| !home.is_empty()).map(Into::into)
    }

    /// All variables.
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.all
    }

    /// The values for input variables: `TF_VAR_<name>`, and `KEYFORM_VAR_<name>` over them. With the name of the
    /// environment variable.
    pub fn variables(&self) -> BTreeMap<&str, (&str, &str)> {
        let mut found = BTreeMap::new();
        for prefix in ["TF_VAR_", "KEYFORM_VAR_"] {
            for (full, value) in self.all.range(prefix.to_owned()..) {
                let Some(name) = full.strip_prefix(prefix) else {
                    break;
                };
                found.insert(name, (full.as_str(), value.as_str()));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_names_win() {
        let environment = Environment::from_pairs([
            ("TF_WORKSPACE", "a"),
            ("KEYFORM_WORKSPACE", "b"),
            ("TF_INPUT", ""),
            ("KEYFORM_DATA_DIR", ""),
            ("TF_DATA_DIR", "dd"),
            ("TF_VAR_x", "1"),
            ("KEYFORM_VAR_x", "2"),
            ("TF_VAR_y", ""),
        ]);
        assert_eq!(environment.option("WORKSPACE"), Some("b"));
        assert_eq!(environment.option("INPUT"), None);
        assert_eq!(environment.option("DATA_DIR"), Some("dd"));
        let variables = environment.variables();
        assert_eq!(
            (variables["x"].1, variables["y"].1, variables.len()),
            ("2", "", 2)
        );
    }
}
