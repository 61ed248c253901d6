//! YAML.

mod read;
mod write;

use super::{Args, Func, FuncError, Kind, any, text};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "yamlencode",
        params: &[any("value").null()],
        variadic: None,
        returns: Kind::String,
        about: "Encodes a value as YAML.",
        examples: &[(
            "yamlencode({ a = [1, true], b = \"text\" })",
            "<<EOT\n\"a\":\n- 1\n- true\n\"b\": \"text\"\n\nEOT",
        )],
        call: yamlencode,
    },
    Func {
        name: "yamldecode",
        params: &[text("src")],
        variadic: None,
        returns: Kind::Any,
        about: "Decodes YAML.",
        examples: &[(
            "jsonencode(yamldecode(\"a: [1, true]\\nb: text\\n\"))",
            "\"{\\\"a\\\":[1,true],\\\"b\\\":\\\"text\\\"}\"",
        )],
        call: |args| {
            // It is gone through more than once, letter by letter.
            args.spend_work(args.text(0)?.len().saturating_mul(16))?;
            read::decode(args)
        },
    },
];

fn yamlencode(args: &Args<'_>) -> Result<Value, FuncError> {
    let made = write::document(args.value(0)?);
    args.spend_text(made.len())?;
    Ok(Value::from(made))
}
