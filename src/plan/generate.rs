//! Writes the configuration of an object that has none.

use std::fmt::Write as _;

use crate::config::Resource;
use crate::lang::spec::{AttributeSpec, BlockSpec, Nesting};
use crate::lang::syntax::write::value_to_source;
use crate::schema::ResourceType;
use crate::value::{Text, Type, Value, raw_equal};

/// A resource block that plans to no change: what users may write, less nulls and defaults. Secrets that must be
/// written come from variables, which are declared below; `is_taken` tells which names those cannot have.
pub(super) fn block(
    resource: &Resource,
    ty: &ResourceType,
    object: &Value,
    facts: &Value,
    is_taken: impl FnMut(&str) -> bool,
) -> String {
    let kept = |name: &str, value: &Value| crate::resource::is_worth_writing(ty, name, value, facts);
    let mut writer = Writer {
        text: format!(
            "resource \"{}\" \"{}\" {{\n",
            resource.name.ty, resource.name.name
        ),
        variables: String::new(),
        prefix: &resource.name.name,
        asked_for: asked_for(ty, object),
        is_taken,
    };
    if let Some((provider, _)) = &resource.provider {
        let _ = writeln!(writer.text, "  provider = {provider}");
    }
    writer.body(&ty.spec, object, 1, &kept);
    writer.text.push_str("}\n");
    writer.text + &writer.variables
}

struct Writer<'a, T> {
    text: String,
    /// Declarations of the variables that stand for secrets.
    variables: String,
    /// What the names of variables start with.
    prefix: &'a str,
    /// Secrets that are not required, but stand for others of which one is.
    asked_for: Vec<Text>,
    is_taken: T,
}

impl<T: FnMut(&str) -> bool> Writer<'_, T> {
    fn body(&mut self, spec: &BlockSpec, object: &Value, depth: usize, kept: &dyn Fn(&str, &Value) -> bool) {
        let indent = "  ".repeat(depth);
        let mut written: Vec<(&str, String)> = Vec::new();
        for (name, attribute) in &spec.attributes {
            let must = attribute.required || (depth == 1 && self.asked_for.contains(name));
            if must && attribute.sensitive {
                let variable = self.secret(name, attribute);
                written.push((name, format!("var.{variable} # not told here")));
                continue;
            }
            let hidden = attribute.sensitive || attribute.write_only || attribute.deprecated.is_some();
            if hidden || !(attribute.required || attribute.optional) {
                continue;
            }
            let Some(value) = object.get(name).filter(|value| !value.is_null()) else {
                continue;
            };
            if attribute.required || kept(name, value) {
                written.push((name, value_to_source(value).replace('\n', &format!("\n{indent}"))));
            }
        }
        let width = written.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, source) in written {
            let _ = writeln!(self.text, "{indent}{name:width$} = {source}");
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
                let _ = writeln!(self.text, "\n{indent}{name} {{");
                self.body(&block.spec, one, depth + 1, &|_, value| !is_empty(value));
                let _ = writeln!(self.text, "{indent}}}");
            }
        }
    }

    /// Declares the variable for a secret and returns its name.
    fn secret(&mut self, argument: &str, attribute: &AttributeSpec) -> String {
        let base = format!("{}_{argument}", self.prefix);
        let mut name = base.clone();
        let mut count = 1;
        while (self.is_taken)(&name) {
            count += 1;
            name = format!("{base}_{count}");
        }
        let kind = if attribute.ty.ty == Type::String {
            "  type      = string\n"
        } else {
            ""
        };
        let _ = write!(
            self.variables,
            "\nvariable \"{name}\" {{\n{kind}  sensitive = true\n}}\n"
        );
        name
    }
}

/// Of arguments of which exactly one must be written, where nothing but secrets is set: the first that is kept in state.
fn asked_for(ty: &ResourceType, object: &Value) -> Vec<Text> {
    let is_set = |name: &Text| object.get(name).is_some_and(|value| !value.is_null());
    let is_hidden = |name: &Text| ty.arguments.get(name).is_some_and(|one| one.sensitive);
    let groups = ty.arguments.values().map(|one| &one.checks.exactly_one);
    let mut asked: Vec<Text> = groups
        .filter(|group| !group.iter().any(|name| is_set(name) && !is_hidden(name)))
        .filter_map(|group| {
            let mut hidden = group.iter().filter(|name| is_hidden(name));
            hidden.find(|name| !ty.arguments[*name].write_only).cloned()
        })
        .collect();
    asked.dedup();
    asked
}

fn is_empty(value: &Value) -> bool {
    value.is_null()
        || raw_equal(value, &Value::string(""))
        || value.as_items().is_some_and(<[Value]>::is_empty)
}
