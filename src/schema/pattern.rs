//! A regular expression of a schema file, compiled when it is first used.

use std::sync::{Arc, OnceLock};

use regex::Regex;

use crate::value::Text;

/// A regular expression, compiled when it is first used.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Text,
    compiled: Arc<OnceLock<Option<Regex>>>,
}

impl Pattern {
    pub fn new(text: impl Into<Text>) -> Self {
        Self {
            text: text.into(),
            compiled: Arc::default(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// None when the text is no regular expression, which the checks of the catalog report.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }

    pub fn matches(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}
