//! What the environment supplies to the block of a provider.

use std::collections::BTreeMap;

use crate::clouds::Environment;
use crate::lang::spec::{AttributeSpec, NestedSpec, Nesting};
use crate::schema::ProviderSchema;
use crate::value::{Marks, Text, Type, Value};

/// What stands at the end of the beginning of names: each variable that begins so is an entry.
const ANY: char = '*';

/// The arguments, with what the environment supplies in the place of those that are not written. To lists in blocks of
/// which there is one, and to maps, it adds; what is written wins.
pub fn completed(schema: &ProviderSchema, arguments: &Value, environment: &Environment) -> Value {
    let Some(written) = arguments.as_entries() else {
        return arguments.clone();
    };
    let mut all = written.clone();
    for (place, variables) in &schema.environment {
        match place.split_once('.') {
            None => texts(schema, &mut all, place, variables, environment),
            Some((block, name)) => {
                if let Some(spec) = schema.spec.blocks.get(block) {
                    within(spec, &mut all, (block, name), variables, environment);
                }
            }
        }
    }
    Value::object(all)
}

/// An argument of the block itself that is a text.
fn texts(
    schema: &ProviderSchema,
    all: &mut BTreeMap<Text, Value>,
    name: &Text,
    variables: &[Text],
    environment: &Environment,
) {
    let spec = schema.spec.attributes.get(name);
    let Some(spec) = spec.filter(|spec| spec.ty.ty == Type::String) else {
        return;
    };
    let is_open = all.get(name).is_some_and(Value::is_null);
    let found = variables
        .iter()
        .find_map(|variable| environment.variable(variable));
    if let Some(text) = found.filter(|_| is_open) {
        let marks = if spec.sensitive {
            Marks::SENSITIVE
        } else {
            Marks::NONE
        };
        all.insert(name.clone(), Value::string(text).with_marks(marks));
    }
}

/// An argument of a nested block of which there is one at most.
fn within(
    block: &NestedSpec,
    all: &mut BTreeMap<Text, Value>,
    (block_name, name): (&str, &str),
    variables: &[Text],
    environment: &Environment,
) {
    let spec = block.spec.attributes.get(name);
    let Some(spec) = spec.filter(|_| block.nesting == Nesting::Single) else {
        return;
    };
    let written = all.get(block_name).filter(|value| value.is_known());
    let Some(written) = written else { return };
    let mut members = match written.as_entries() {
        Some(members) => members.clone(),
        None => nothing(block),
    };
    let before = members.get(name).cloned();
    let before = before.unwrap_or_else(|| Value::null(spec.ty.ty.clone()));
    if let Some(value) = added(spec, &before, variables, environment) {
        members.insert(name.into(), value);
        all.insert(block_name.into(), Value::object(members));
    }
}

/// The members of a block that is not written.
fn nothing(block: &NestedSpec) -> BTreeMap<Text, Value> {
    let members = block.spec.attributes.iter();
    members
        .map(|(name, spec)| (name.clone(), Value::null(spec.ty.ty.clone())))
        .collect()
}

/// A value with what the environment adds to it; none where it adds nothing.
fn added(
    spec: &AttributeSpec,
    before: &Value,
    variables: &[Text],
    environment: &Environment,
) -> Option<Value> {
    if !before.is_null() && !before.is_wholly_known() {
        return None;
    }
    match &spec.ty.ty {
        Type::Set(element) => {
            let text = variables
                .iter()
                .find_map(|variable| environment.variable(variable))?;
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            let mut items = before.as_items().unwrap_or_default().to_vec();
            items.extend(words.map(Value::string));
            Some(Value::set((**element).clone(), items))
        }
        Type::Map(element) => {
            let beginnings = variables.iter().filter_map(|variable| variable.strip_suffix(ANY));
            let mut entries: BTreeMap<Text, Value> = beginnings
                .flat_map(|beginning| {
                    let all = environment.variables.iter();
                    all.filter_map(move |(name, value)| Some((name.strip_prefix(beginning)?, value)))
                })
                .map(|(key, value)| (key.into(), Value::string(value)))
                .collect();
            if entries.is_empty() {
                return None;
            }
            entries.extend(before.as_entries().cloned().unwrap_or_default());
            Some(Value::map((**element).clone(), entries).with_marks(before.marks()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::stub::environment;
    use crate::schema::Catalog;

    /// What a block of the AWS provider holds under a name, given these variables and what is written.
    #[track_caller]
    fn check(place: (&str, &str), written: Option<Value>, variables: &[(&str, &str)], expected: &Value) {
        let schema = Catalog::get().provider("aws").unwrap().unwrap();
        let block = &schema.spec.blocks[place.0];
        let value = match written {
            None => Value::null(block.spec.ty()),
            Some(written) => {
                let mut members = nothing(block);
                members.insert(place.1.into(), written);
                Value::object(members)
            }
        };
        let arguments = Value::object_of([(place.0, value)]);
        let completed = completed(schema, &arguments, &environment(variables));
        let found = completed.get(place.0).and_then(|block| block.get(place.1));
        assert_eq!(found, Some(expected));
    }

    fn map(entries: &[(&str, &str)]) -> Value {
        let entries = entries
            .iter()
            .map(|(key, value)| ((*key).into(), Value::string(value)));
        Value::map(Type::String, entries.collect())
    }

    fn set(items: &[&str]) -> Value {
        Value::set(
            Type::String,
            items.iter().map(|item| Value::string(item)).collect(),
        )
    }

    #[test]
    fn default_tags_come_from_the_environment_and_those_written_win() {
        let variables = [
            ("TF_AWS_DEFAULT_TAGS_team", "a"),
            ("TF_AWS_DEFAULT_TAGS_env", "prod"),
        ];
        let place = ("default_tags", "tags");
        check(place, None, &variables, &map(&[("env", "prod"), ("team", "a")]));
        let written = map(&[("team", "b"), ("x", "y")]);
        check(
            place,
            Some(written),
            &variables,
            &map(&[("env", "prod"), ("team", "b"), ("x", "y")]),
        );
        check(place, Some(map(&[("x", "y")])), &[], &map(&[("x", "y")]));
    }

    #[test]
    fn ignored_keys_of_the_environment_are_added() {
        let variables = [
            ("TF_AWS_IGNORE_TAGS_KEYS", "a, b,"),
            ("TF_AWS_IGNORE_TAGS_KEY_PREFIXES", "kubernetes.io/"),
        ];
        check(("ignore_tags", "keys"), None, &variables, &set(&["a", "b"]));
        check(
            ("ignore_tags", "keys"),
            Some(set(&["c"])),
            &variables,
            &set(&["a", "b", "c"]),
        );
        check(
            ("ignore_tags", "key_prefixes"),
            Some(set(&["c"])),
            &variables,
            &set(&["c", "kubernetes.io/"]),
        );
    }
}
