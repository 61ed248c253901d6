//! Messages and documents without secrets, before they are laid out: the filter of a stream sees only what is left of their
//! form.

mod literals;

use std::borrow::Cow;

use serde_json::Value as Json;

use self::literals::without_literals;

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
    use super::discreet_json;
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
}
