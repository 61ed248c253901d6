//! Plans, states and schemas as JSON, in the form that tools around Terraform read.
//!
//! Keys stand in Terraform's order. As there, values are in clear text with a note beside them of what is
//! sensitive: whoever passes such JSON on passes on secrets.

mod checks;
mod configuration;
mod expression;
mod function;
mod module;
mod plan;
mod provider;
mod schema;
mod state;
#[cfg(test)]
mod tests;
mod value;

pub use function::signature;
pub use plan::plan_json;
pub use schema::providers_schema_json;
pub use state::state_json;
pub use value::{marked, unknown_or_false};

/// Such JSON as one line of text, its keys in the order they have, with the escapes of Terraform's.
pub fn to_text(json: &serde_json::Value) -> String {
    // These characters stand in strings only, where they may as well be escaped.
    const ESCAPED: [(char, &str); 5] = [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ];
    let plain = serde_json::to_string(json).expect("keys are texts");
    // Two of them start with this byte; looking at bytes is looking at many at once.
    let may_be = |byte: u8| matches!(byte, b'<' | b'>' | b'&' | 0xe2);
    let mut chunks = plain.as_bytes().chunks(1 << 12);
    if !chunks.any(|chunk| chunk.iter().fold(false, |any, &byte| any | may_be(byte))) {
        return plain;
    }
    let mut text = String::with_capacity(plain.len() + plain.len() / 16);
    for c in plain.chars() {
        match ESCAPED.iter().find(|(escaped, _)| *escaped == c) {
            Some((_, escape)) => text.push_str(escape),
            None => text.push(c),
        }
    }
    text
}
