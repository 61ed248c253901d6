//! Names of parts that are secret: a map or an object that is sensitive may be so for its keys, a set for its elements.

use std::collections::BTreeSet;

use super::super::show::go_quote;
use super::{Data, Mismatch, Step, Text, Type, Value};

/// Why a value cannot have a type, without names that may be secret. Those that the type itself has are none.
pub(super) fn without_secret_names(why: Mismatch, value: &Value, to: &Type) -> Mismatch {
    let mut names = BTreeSet::new();
    secret_names(value, false, &mut names);
    let mut wanted = BTreeSet::new();
    attributes_of(to, &mut wanted);
    let is_told = |name: &&Text| {
        let on_the_way = why.path.iter().any(|step| match step {
            Step::Attribute(attribute) => attribute == *name,
            Step::Index(key) => key.as_text() == Some(*name),
        });
        on_the_way || why.message.contains(&go_quote(name))
    };
    if names.difference(&wanted).any(|name| is_told(&name)) {
        return Mismatch::new("the reason is hidden, because it may show a sensitive value");
    }
    why
}

/// Names and texts by which the parts of sensitive values are called.
fn secret_names(value: &Value, around: bool, names: &mut BTreeSet<Text>) {
    let secret = around || value.is_sensitive();
    match value.data() {
        Data::Map(_) | Data::Object(_) if secret => {
            names.extend(
                value
                    .as_entries()
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone()),
            );
        }
        Data::Set(_) if secret => names.extend(value.children().filter_map(Value::as_text).cloned()),
        _ => {}
    }
    value
        .children()
        .for_each(|part| secret_names(part, secret, names));
}

/// The names of all attributes of a type.
fn attributes_of(ty: &Type, names: &mut BTreeSet<Text>) {
    match ty {
        Type::Object(object) => {
            for (name, ty) in &object.attributes {
                names.insert(name.clone());
                attributes_of(ty, names);
            }
        }
        Type::List(element) | Type::Set(element) | Type::Map(element) => attributes_of(element, names),
        Type::Tuple(types) => types.iter().for_each(|ty| attributes_of(ty, names)),
        _ => {}
    }
}
