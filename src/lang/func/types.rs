//! Functions that convert between types.

use super::{Func, FuncError, Kind, LIST_OF_ANY, SET_OF_ANY, any};
use crate::lang::expr::mismatch_text;
use crate::value::{Data, Type, Value, convert};

macro_rules! conversion {
    ($name:literal, $kind:expr, $about:literal, $examples:expr) => {
        Func {
            name: $name,
            params: &[any("v").null().unknown().marked()],
            variadic: None,
            returns: $kind,
            about: $about,
            examples: $examples,
            call: |args| {
                args.spend_order(args.value(0)?)?;
                to(args.value(0)?, $kind)
            },
        }
    };
}

pub(super) const FUNCTIONS: &[Func] = &[
    conversion!(
        "tostring",
        Kind::String,
        "Converts to a string.",
        &[("tostring(true)", "\"true\"")]
    ),
    conversion!(
        "tonumber",
        Kind::Number,
        "Converts to a number.",
        &[("tonumber(\"1.50\")", "1.5")]
    ),
    conversion!(
        "tobool",
        Kind::Bool,
        "Converts to a bool.",
        &[("tobool(\"true\")", "true")]
    ),
    conversion!(
        "tolist",
        LIST_OF_ANY,
        "Converts to a list.",
        &[("tolist([\"a\", 1])", "tolist([\n  \"a\",\n  \"1\",\n])")]
    ),
    conversion!(
        "toset",
        SET_OF_ANY,
        "Converts to a set.",
        &[("toset([\"b\", \"a\", \"b\"])", "toset([\n  \"a\",\n  \"b\",\n])")]
    ),
    conversion!(
        "tomap",
        Kind::Map(&Kind::Any),
        "Converts to a map.",
        &[(
            "tomap({ a = 1, b = \"x\" })",
            "tomap({\n  \"a\" = \"1\"\n  \"b\" = \"x\"\n})"
        )]
    ),
];

fn to(value: &Value, kind: Kind) -> Result<Value, FuncError> {
    let ty = kind.ty();
    convert::convert(value, &ty)
        .map_err(|why| FuncError::argument(0, refusal(value, kind, &mismatch_text(&why))))
}

fn refusal(value: &Value, kind: Kind, why: &str) -> String {
    let shown = |text: &str| {
        if value.is_sensitive() {
            "(sensitive value)".to_owned()
        } else {
            crate::addr::quote(text)
        }
    };
    match (kind, value.data()) {
        (Kind::Bool, Data::String(text)) => {
            format!(
                "cannot convert {} to bool; only the strings \"true\" or \"false\" are allowed",
                shown(text)
            )
        }
        (Kind::Number, Data::String(text)) => format!(
            "cannot convert {} to number; given string must be a decimal representation of a number",
            shown(text)
        ),
        (Kind::List(_) | Kind::Set(_) | Kind::Map(_), _) => {
            let target = match kind {
                Kind::List(_) => "list",
                Kind::Set(_) => "set",
                _ => "map",
            };
            match value.ty() {
                // A collection says itself which element does not fit.
                Type::List(_) | Type::Set(_) | Type::Map(_)
                    if !why.is_empty() && kind.ty().element().is_none() =>
                {
                    why.to_owned()
                }
                ty => format!("cannot convert {ty} to {target} of any single type"),
            }
        }
        _ => format!("cannot convert {} to {}", value.ty(), kind.ty()),
    }
}
