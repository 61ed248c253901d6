//! The forms in which the bytes of a secret turn up in texts.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::SHORTEST;

/// One form; wiped when it is not needed any more.
pub(super) type Form = Zeroizing<String>;

/// The shortest line of a text of several that is looked for by itself.
const SHORTEST_LINE: usize = 16;

/// All forms of a text, the text itself first.
pub(super) fn of(text: &str) -> Vec<Form> {
    let mut forms = vec![Form::new(text.to_owned())];
    escaped(text, &mut forms);
    base64(text.as_bytes(), &mut forms);
    let hex = Form::new(hex::encode(text));
    forms.push(Form::new(hex.to_uppercase()));
    forms.push(hex);
    percent(text, &mut forms);
    for line in lines(text) {
        forms.push(Form::new(line.to_owned()));
        escaped(line, &mut forms);
    }
    forms.sort_unstable_by(|left, right| left.as_str().cmp(right));
    forms.dedup();
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

/// The lines of a text that print one below the other, indented: a key, not a document.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let is_document = text.starts_with(['{', '[']);
    let several = text.contains('\n') && !is_document;
    let lines = text.lines().map(str::trim).filter(move |_| several);
    lines.filter(|line| line.len() >= SHORTEST_LINE && !line.starts_with("-----"))
}

/// As JSON, Go's JSON, HCL and debugging write it between quotes, and JSON within JSON.
fn escaped(text: &str, forms: &mut Vec<Form>) {
    let json = |text: &str| {
        let quoted = Zeroizing::new(serde_json::to_string(text).unwrap_or_default());
        let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Form::new(inside.unwrap_or_default().to_owned())
    };
    // What Go writes so that it may stand in a page.
    let go = |text: &str| {
        let mut go = Form::default();
        for c in text.chars() {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => drop(write!(go, "\\u{:04x}", u32::from(c))),
                c => go.push(c),
            }
        }
        go
    };
    let once = json(text);
    let template = Form::new(once.replace("${", "$${").replace("%{", "%%{"));
    let debug = Form::new(text.escape_debug().to_string());
    let page = go(&once);
    forms.extend([json(&once), json(&page), template, debug, page, once]);
}

/// The characters that no byte beside the text decides, for each place that it may have in a group of three.
fn base64(text: &[u8], forms: &mut Vec<Form>) {
    for before in 0..3 {
        let mut bytes = Zeroizing::new(vec![0; before]);
        bytes.extend_from_slice(text);
        let inside = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = Zeroizing::new(engine.encode(&*bytes));
            forms.push(Form::new(encoded[inside.clone()].to_owned()));
        }
    }
}

/// As in addresses and forms: what is kept as it is differs.
fn percent(text: &str, forms: &mut Vec<Form>) {
    let encode = |kept: &[u8], lower: bool| {
        let mut encoded = Form::default();
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                let _ = if lower {
                    write!(encoded, "%{byte:02x}")
                } else {
                    write!(encoded, "%{byte:02X}")
                };
            }
        }
        encoded
    };
    for lower in [false, true] {
        let strict = encode(b"-_.~", lower);
        forms.push(Form::new(strict.replace("%20", "+")));
        forms.push(encode(b"-_.~/", lower));
        forms.push(encode(b"-_.!~*'()", lower));
        forms.push(encode(b"", lower));
        forms.push(strict);
    }
}
