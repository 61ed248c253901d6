//! Messages and documents without secrets, before they are laid out: the filter of a stream sees only what is left of their
//! form.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::diag::{Diagnostics, Sources};
use crate::secret;

/// The same without secrets, and with texts of which an excerpt shows none.
pub fn discreet(problems: &Diagnostics, sources: &Sources) -> (Diagnostics, Sources) {
    let mut problems = problems.clone();
    let hide = |text: &mut String| {
        if let Cow::Owned(hidden) = secret::hidden(text) {
            *text = hidden;
        }
    };
    for problem in &mut problems {
        hide(&mut problem.summary);
        hide(&mut problem.detail);
        problem.address.iter_mut().for_each(hide);
        problem.hints.iter_mut().for_each(hide);
        problem.labels.iter_mut().for_each(|label| hide(&mut label.text));
        problem.values.iter_mut().for_each(|(_, value)| hide(value));
    }
    let starred = |text: &str| {
        let text = secret::starred(text);
        match without_literals(&text) {
            Some(starred) => Some(starred),
            None => matches!(text, Cow::Owned(_)).then(|| text.into_owned()),
        }
    };
    (problems, sources.with_texts(starred))
}

/// Arguments of which nobody quotes what stands there, even where it could not be read; with all that end in `_wo`.
const SECRET_ARGUMENTS: [&str; 10] = [
    "key_material_base64",
    "key_store_password",
    "passphrase",
    "password",
    "plaintext",
    "raw_secret_access_key",
    "secret_data",
    "secret_key",
    "security_token",
    "token",
];

/// The text with asterisks for what is written as the value of a secret argument, on the line of its name.
fn without_literals(text: &str) -> Option<String> {
    let mut starred = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match value_of_secret(line) {
            Some(at) => {
                starred.push_str(&line[..at]);
                push_starred(&line[at..], &mut starred);
            }
            None => starred.push_str(line),
        }
    }
    (starred != text).then_some(starred)
}

/// Where the value begins on a line that gives one to a secret argument.
fn value_of_secret(line: &str) -> Option<usize> {
    let (left, _) = line.split_once(['=', ':'])?;
    let name = left.trim().trim_matches('"');
    (SECRET_ARGUMENTS.contains(&name) || name.ends_with("_wo")).then_some(left.len() + 1)
}

/// What stands between quotes becomes asterisks, but for templates in it.
fn push_starred(value: &str, starred: &mut String) {
    let (mut quoted, mut escaped, mut depth, mut last) = (false, false, 0_usize, ' ');
    for c in value.chars() {
        let is_end = c == '"' && !escaped && depth == 0;
        match c {
            _ if is_end => quoted = !quoted,
            '{' if depth > 0 || quoted && matches!(last, '$' | '%') => depth += 1,
            '}' if depth > 0 => depth -= 1,
            _ => {}
        }
        if quoted && !is_end && depth == 0 && !matches!(c, '$' | '%' | '}' | '\n') {
            starred.extend(std::iter::repeat_n('*', c.len_utf8()));
        } else {
            starred.push(c);
        }
        escaped = c == '\\' && !escaped;
        last = c;
    }
}

/// A JSON text that is one without its secrets, too: a number that is secret becomes a text.
pub fn discreet_json(text: &str) -> Cow<'_, str> {
    if matches!(secret::hidden(text), Cow::Borrowed(_)) {
        return Cow::Borrowed(text);
    }
    let Ok(mut json) = serde_json::from_str::<Json>(text) else {
        return secret::hidden(text);
    };
    hide(&mut json);
    Cow::Owned(if text.contains('\n') {
        format!("{json:#}")
    } else {
        json.to_string()
    })
}

fn hide(json: &mut Json) {
    match json {
        Json::String(text) => {
            if let Cow::Owned(hidden) = secret::hidden(text) {
                *text = hidden;
            }
        }
        Json::Number(number) => {
            if let Cow::Owned(hidden) = secret::hidden(&number.to_string()) {
                *json = hidden.into();
            }
        }
        Json::Array(items) => items.iter_mut().for_each(hide),
        Json::Object(members) => members.values_mut().for_each(hide),
        Json::Null | Json::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{discreet_json, without_literals};
    use crate::secret::meet;

    #[test]
    fn json_without_secrets_is_json() {
        meet("4711471147");
        meet("hunter\"2\"");
        assert_eq!(
            discreet_json(r#"{"b":4711471147,"a":["x hunter\"2\"",true,null,1]}"#),
            r#"{"b":"(sensitive value)","a":["x (sensitive value)",true,null,1]}"#
        );
        assert_eq!(
            discreet_json("{\n  \"a\": 4711471147\n}"),
            "{\n  \"a\": \"(sensitive value)\"\n}"
        );
        assert_eq!(discreet_json("{\"a\": 1}"), "{\"a\": 1}");
    }

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(without_literals(text).as_deref(), expected);
    }

    #[test]
    fn what_is_written_for_a_secret_argument_is_starred() {
        check(
            "a = 1\n  passphrase = \"hun ter\" \"ü\\\"2\"\n",
            Some("a = 1\n  passphrase = \"*******\" \"*****\"\n"),
        );
        check(
            "secret_data_wo = nonsuch(\"x${var.x[\"a\"]}y\", 1)",
            Some("secret_data_wo = nonsuch(\"*${var.x[\"a\"]}*\", 1)"),
        );
        check("\"password\": \"open", Some("\"password\": \"****"));
        check("password_length = \"8\"\npassword = var.password\n", None);
    }
}
