//! What an object depends on: kept as the text it was read from until somebody asks for the names.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use super::raw::Raw;
use crate::value::Text;

/// Addresses of resources in configuration, without instance keys. States that Terraform wrote hold every object's
/// whole closure: most of such a file, and few commands look at it.
#[derive(Clone, Default)]
pub struct Dependencies {
    /// What the names are read from; none when they were not read from a file.
    raw: Option<Raw>,
    names: OnceLock<Vec<Text>>,
}

impl Dependencies {
    /// Takes the text of a list of texts; none when it is something else.
    pub(super) fn read(raw: Raw) -> Option<Self> {
        is_list_of_texts(raw.as_str()).then(|| Self {
            raw: Some(raw),
            names: OnceLock::new(),
        })
    }

    /// The names.
    pub fn names(&self) -> &[Text] {
        self.names.get_or_init(|| {
            let text = self.raw.as_ref().map_or("[]", Raw::as_str);
            texts(text).expect("a list of texts was checked to be one")
        })
    }
}

impl Deref for Dependencies {
    type Target = [Text];

    fn deref(&self) -> &[Text] {
        self.names()
    }
}

impl From<Vec<Text>> for Dependencies {
    fn from(names: Vec<Text>) -> Self {
        Self {
            raw: None,
            names: names.into(),
        }
    }
}

impl PartialEq for Dependencies {
    fn eq(&self, other: &Self) -> bool {
        self.names() == other.names()
    }
}

impl fmt::Debug for Dependencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.names().fmt(f)
    }
}

/// The texts in a list; none when it is something else.
fn texts(json: &str) -> Option<Vec<Text>> {
    // Without escapes they need not be copied twice.
    if let Ok(texts) = serde_json::from_str::<Vec<&str>>(json) {
        return Some(texts.into_iter().map(Text::from).collect());
    }
    let texts: Vec<String> = serde_json::from_str(json).ok()?;
    Some(texts.into_iter().map(Text::from).collect())
}

/// Whether a JSON text, which is known to be one, is a list in which everything is text. Texts with surrogates that
/// stand alone are none.
fn is_list_of_texts(json: &str) -> bool {
    let Some(elements) = json.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    let mut in_text = false;
    for byte in elements.bytes() {
        match byte {
            b'"' => in_text = !in_text,
            // Rare enough to be read as a whole.
            b'\\' => return texts(json).is_some(),
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
            _ if in_text => {}
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: Option<&[&str]>) {
        let found = Dependencies::read(Raw::new(json));
        let names = found.as_ref().map(|found| found.iter().map(|name| &**name));
        assert_eq!(names.map(Iterator::collect::<Vec<_>>).as_deref(), expected);
    }

    #[test]
    fn names_are_read_from_their_text() {
        check("[]", Some(&[]));
        check("[ ]", Some(&[]));
        check("[\"a.b\"]", Some(&["a.b"]));
        check("[\n  \"a.b\",\n  \"c\\\"d\"\n]", Some(&["a.b", "c\"d"]));
        check(
            "[\"ends in a backslash\\\\\", \"b\"]",
            Some(&["ends in a backslash\\", "b"]),
        );
    }

    #[test]
    fn nothing_but_a_list_of_texts_will_do() {
        for wrong in [
            "{}",
            "\"a\"",
            "1",
            "[1]",
            "[\"a\", 1]",
            "[[\"a\"]]",
            "[null]",
            "[\"\\ud800\"]",
        ] {
            check(wrong, None);
        }
    }
}
