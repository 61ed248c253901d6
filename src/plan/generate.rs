//! Writes the configuration of an object that has none.

use std::fmt::Write as _;

use crate::addr::InstanceAddr;
use crate::lang::spec::{AttributeSpec, BlockSpec, Nesting};
use crate::lang::syntax::write::value_to_source;
use crate::schema::ResourceType;
use crate::value::{Text, Type, Value, raw_equal};

/// A resource block that plans to no change: what users may write, less nulls and defaults. Secrets that must be
/// written come from variables.
pub(super) fn block(addr: &InstanceAddr, ty: &ResourceType, object: &Value, facts: &Value) -> String {
    let mut text = format!(
        "resource \"{}\" \"{}\" {{\n",
        addr.resource.ty, addr.resource.name
    );
    let kept = |name: &str, value: &Value| crate::resource::is_worth_writing(ty, name, value, facts);
    body(&mut text, &ty.spec, object, 1, &kept);
    for (name, _) in secrets(&ty.spec) {
        let _ = writeln!(
            text,
            "  {name} = var.{}_{name} # not told here",
            addr.resource.name
        );
    }
    text.push_str("}\n");
    for (name, attribute) in secrets(&ty.spec) {
        let kind = if attribute.ty.ty == Type::String {
            "  type      = string\n"
        } else {
            ""
        };
        let _ = write!(
            text,
            "\nvariable \"{}_{name}\" {{\n{kind}  sensitive = true\n}}\n",
            addr.resource.name
        );
    }
    text
}

/// What must be written and must not be told: generated configuration has variables in its place.
fn secrets(spec: &BlockSpec) -> impl Iterator<Item = (&Text, &AttributeSpec)> {
    spec.attributes
        .iter()
        .filter(|(_, attribute)| attribute.required && attribute.sensitive)
}

fn body(
    text: &mut String,
    spec: &BlockSpec,
    object: &Value,
    depth: usize,
    kept: &dyn Fn(&str, &Value) -> bool,
) {
    let indent = "  ".repeat(depth);
    let written: Vec<(&str, &Value)> = spec
        .attributes
        .iter()
        .filter(|(_, attribute)| attribute.required || attribute.optional)
        .filter(|(_, attribute)| {
            !attribute.sensitive && !attribute.write_only && attribute.deprecated.is_none()
        })
        .filter_map(|(name, attribute)| Some((name, attribute, object.get(name)?)))
        .filter(|(name, attribute, value)| !value.is_null() && (attribute.required || kept(name, value)))
        .map(|(name, _, value)| (&**name, value))
        .collect();
    let width = written.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in written {
        let source = value_to_source(value).replace('\n', &format!("\n{indent}"));
        let _ = writeln!(text, "{indent}{name:width$} = {source}");
    }
    for (name, block) in &spec.blocks {
        if &**name == "timeouts" {
            continue;
        }
        let Some(value) = object.get(name) else { continue };
        let all: Vec<&Value> = match block.nesting {
            Nesting::Single => vec![value],
            Nesting::List | Nesting::Set | Nesting::Map => value.children().collect(),
        };
        for one in all.into_iter().filter(|one| !one.is_null()) {
            let _ = writeln!(text, "\n{indent}{name} {{");
            body(text, &block.spec, one, depth + 1, &|_, value| !is_empty(value));
            let _ = writeln!(text, "{indent}}}");
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null()
        || raw_equal(value, &Value::string(""))
        || value.as_items().is_some_and(<[Value]>::is_empty)
}
