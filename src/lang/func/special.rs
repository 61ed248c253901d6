//! Functions whose arguments are no plain values. The evaluator itself carries them out; here is what they look like.

use super::{Args, Func, FuncError, Kind, any};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "try",
        params: &[],
        variadic: Some(any("expressions")),
        returns: Kind::Any,
        about: "The first expression that can be evaluated.",
        examples: &[("try({ a = 1 }.b, \"none\")", "\"none\"")],
        call: never,
    },
    Func {
        name: "can",
        params: &[any("expression")],
        variadic: None,
        returns: Kind::Bool,
        about: "Whether an expression can be evaluated.",
        examples: &[("can(tonumber(\"five\"))", "false"), ("can({ a = 1 }.a)", "true")],
        call: never,
    },
    Func {
        name: "convert",
        params: &[any("value").null().unknown().marked(), any("type")],
        variadic: None,
        returns: Kind::Any,
        about: "Converts a value to a type, which is written as in the declaration of a variable.",
        examples: &[
            ("convert(\"5\", number)", "5"),
            ("convert({ a = 1 }, map(string))", "tomap({\n  \"a\" = \"1\"\n})"),
            (
                "convert({}, object({ name = optional(string, \"none\") }))",
                "{\n  \"name\" = \"none\"\n}",
            ),
        ],
        call: never,
    },
];

fn never(_args: &Args<'_>) -> Result<Value, FuncError> {
    Err(FuncError::new("its arguments cannot be taken as values here"))
}
