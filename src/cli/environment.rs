//! The environment, read once, as a plain map.

use std::collections::BTreeMap;

/// Environment variables by name.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment of this process. What is no Unicode text is left out.
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub fn of_process() -> Self {
        let pairs = std::env::vars_os();
        Self(
            pairs
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// An environment of these variables.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// A variable by its full name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A setting of the program: `KEYFORM_<name>`, or else `TF_<name>`. Empty ones count as not set.
    pub fn option(&self, name: &str) -> Option<&str> {
        let set = |prefix| {
            self.get(&format!("{prefix}{name}"))
                .filter(|value| !value.is_empty())
        };
        ["KEYFORM_", "TF_"].into_iter().find_map(set)
    }

    /// All variables.
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// The values for input variables: `TF_VAR_<name>`, and `KEYFORM_VAR_<name>` over them. With the name of the
    /// environment variable.
    pub fn variables(&self) -> BTreeMap<&str, (&str, &str)> {
        let mut found = BTreeMap::new();
        for prefix in ["TF_VAR_", "KEYFORM_VAR_"] {
            for (full, value) in self.0.range(prefix.to_owned()..) {
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
