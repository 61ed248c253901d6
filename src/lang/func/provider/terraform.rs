//! The functions of the built-in provider `terraform`: values as configuration text, and back.

use crate::diag::{Diagnostic, Diagnostics, Sources};
use crate::lang::expr::{Constants, Evaluator};
use crate::lang::func::template::first_fault;
use crate::lang::func::{Args, Func, FuncError, Kind, any, text};
use crate::lang::syntax::write::{is_name, quote};
use crate::lang::syntax::{format, parse_body};
use crate::value::{Data, Text, Value};

/// How the messages call the text to be decoded.
const FILE: &str = "<decode_tfvars argument>";

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "decode_tfvars",
        params: &[text("src")],
        variadic: None,
        returns: Kind::Any,
        about: "Reads text as a variables file and gives an object of what it sets.",
        examples: &[(
            "jsonencode(provider::terraform::decode_tfvars(\"a = 1\\nb = [true]\\n\"))",
            "\"{\\\"a\\\":1,\\\"b\\\":[true]}\"",
        )],
        call: decode_tfvars,
    },
    Func {
        name: "encode_expr",
        params: &[any("value")],
        variadic: None,
        returns: Kind::String,
        about: "Writes a value as an expression of the language.",
        examples: &[(
            "provider::terraform::encode_expr({ a = [1, \"x\"] })",
            "<<EOT\n{\n  a = [1, \"x\"]\n}\nEOT",
        )],
        call: |args| {
            let mut source = String::from("value = ");
            write(args.value(0)?, &mut source)?;
            let formatted = formatted(args, &source)?;
            Ok(formatted.strip_prefix("value = ").unwrap_or(&formatted).into())
        },
    },
    Func {
        name: "encode_tfvars",
        params: &[any("value")],
        variadic: None,
        returns: Kind::String,
        about: "Writes an object as a variables file that sets each attribute.",
        examples: &[(
            "provider::terraform::encode_tfvars({ name = \"app\", tags = { team = \"a\" } })",
            "<<EOT\nname = \"app\"\ntags = {\n  team = \"a\"\n}\n\nEOT",
        )],
        call: encode_tfvars,
    },
];

fn encode_tfvars(args: &Args<'_>) -> Result<Value, FuncError> {
    let entries = args.value(0)?.as_entries().ok_or_else(|| {
        FuncError::new(
            "invalid value to encode: must be an object whose attribute names will become the encoded variable names",
        )
    })?;
    let mut source = String::new();
    for (name, value) in entries {
        if !is_name(name) {
            return Err(FuncError::new(format!(
                "invalid variable name {}: must be a valid identifier, as in the declaration of a variable",
                crate::addr::quote(name)
            )));
        }
        source.push_str(name);
        source.push_str(" = ");
        write(value, &mut source)?;
        source.push('\n');
    }
    Ok(formatted(args, &source)?.into())
}

/// The text as `fmt` leaves it.
fn formatted(args: &Args<'_>, source: &str) -> Result<String, FuncError> {
    args.spend_text(source.len().saturating_mul(4))?;
    format::format(source)
        .map_err(|_| FuncError::argument(0, "the value nests too deep to be written as an expression"))
}

fn write(value: &Value, out: &mut String) -> Result<(), FuncError> {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) if number.is_infinite() => {
            return Err(FuncError::argument(
                0,
                "an infinite number cannot be written as an expression",
            ));
        }
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => out.push_str(&quote(text)),
        Data::List(items) | Data::Set(items) => write_items(&items.items, out)?,
        Data::Tuple(items) => write_items(items, out)?,
        Data::Map(entries) => write_entries(&entries.items, out)?,
        Data::Object(entries) => write_entries(entries, out)?,
    }
    Ok(())
}

fn write_items(items: &[Value], out: &mut String) -> Result<(), FuncError> {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        write(item, out)?;
    }
    out.push(']');
    Ok(())
}

fn write_entries(
    entries: &std::collections::BTreeMap<Text, Value>,
    out: &mut String,
) -> Result<(), FuncError> {
    if entries.is_empty() {
        out.push_str("{}");
        return Ok(());
    }
    out.push_str("{\n");
    for (at, (name, value)) in entries.iter().enumerate() {
        // `for` would begin an expression where the first key stands.
        if is_name(name) && !(at == 0 && &**name == "for") {
            out.push_str(name);
        } else {
            out.push_str(&quote(name));
        }
        out.push_str(" = ");
        write(value, out)?;
        out.push('\n');
    }
    out.push('}');
    Ok(())
}

fn decode_tfvars(args: &Args<'_>) -> Result<Value, FuncError> {
    let text = args.text(0)?;
    args.spend_text(text.len())?;
    let mut sources = Sources::new();
    let file = sources.add(FILE, text);
    let failed = |what: &str, errors: &Diagnostics| {
        FuncError::new(format!("{what}: {}", first_fault(errors, &sources)))
    };
    let body = parse_body(file, text).map_err(|errors| failed("invalid tfvars syntax", &errors))?;
    if let Some(block) = body.blocks.first() {
        let summary = format!("Unexpected \"{}\" block", block.kind);
        let error = Diagnostic::error(summary, "Blocks are not allowed here.").at(block.header);
        return Err(failed("invalid tfvars content", &error.into()));
    }
    let scope = Constants(args.host());
    let evaluator = Evaluator::for_constants(&scope, args.world.budget);
    let mut values = Vec::new();
    for attribute in &body.attributes {
        let value = evaluator.evaluate(&attribute.expr, None).map_err(|errors| {
            let what = format!("invalid expression for variable \"{}\"", attribute.name);
            failed(&what, &errors)
        })?;
        values.push((attribute.name.clone(), value));
    }
    Ok(Value::object_of(values))
}
