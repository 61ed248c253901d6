//! `ignore_changes`: the parts of the configuration that are taken from the recorded object instead.

use std::collections::BTreeMap;

use crate::config::IgnoreChanges;
use crate::lang::syntax::{Expr, ExprKind, Key};
use crate::value::{Data, Text, Type, Value};

/// The configuration with the ignored parts as they are in the prior object.
pub fn ignore_changes(config: &Value, prior: &Value, ignore: &IgnoreChanges) -> Value {
    match ignore {
        IgnoreChanges::All => prior.clone(),
        IgnoreChanges::Paths(paths) => paths.iter().fold(config.clone(), |config, (path, _)| {
            taken(&config, Some(prior), path).unwrap_or(config)
        }),
    }
}

/// The value with the part at the path as it is in the prior value; none when that part should not be there.
fn taken(value: &Value, prior: Option<&Value>, path: &[Key]) -> Option<Value> {
    let Some((key, rest)) = path.split_first() else {
        return prior.cloned();
    };
    let Some(step) = step(key) else {
        return Some(value.clone());
    };
    let marks = value.marks();
    let null = Value::null(Type::Dynamic);
    match (value.data(), step) {
        (Data::Object(parts), Word::Name(name)) => {
            let mut parts = (**parts).clone();
            let part = parts.get_mut(&name)?;
            if let Some(changed) = taken(part, prior.and_then(|prior| prior.get(&name)), rest) {
                *part = changed;
            }
            Some(Value::object(parts).with_marks(marks))
        }
        (Data::Map(map), Word::Name(name)) => {
            let entry = prior.and_then(|prior| prior.get(&name));
            let own = map.items.get(&name).unwrap_or(&null);
            let changed = if rest.is_empty() {
                entry.cloned()
            } else {
                taken(own, entry, rest)
            };
            let mut items = map.items.clone();
            match changed {
                Some(changed) => items.insert(name, changed),
                None => items.remove(&name),
            };
            Some(Value::map(map.element.clone(), items).with_marks(marks))
        }
        // What is not written at all still has the ignored element, if it is recorded.
        (Data::Null(Type::Map(element)), Word::Name(name)) if rest.is_empty() => {
            let entry = prior.and_then(|prior| prior.get(&name)).cloned();
            Some(entry.map_or_else(
                || value.clone(),
                |entry| Value::map((**element).clone(), BTreeMap::from([(name, entry)])).with_marks(marks),
            ))
        }
        (Data::List(list), Word::Index(index)) => {
            let mut items = list.items.clone();
            let recorded = prior
                .and_then(|prior| prior.as_items())
                .and_then(|items| items.get(index));
            if let (Some(item), Some(recorded)) = (items.get_mut(index), recorded)
                && let Some(changed) = taken(item, Some(recorded), rest)
            {
                *item = changed;
            }
            Some(Value::list(list.element.clone(), items).with_marks(marks))
        }
        _ => Some(value.clone()),
    }
}

enum Word {
    Name(Text),
    Index(usize),
}

fn step(key: &Key) -> Option<Word> {
    match key {
        Key::Attribute(name, _) => Some(Word::Name(name.clone())),
        Key::Legacy(index, _) => usize::try_from(*index).ok().map(Word::Index),
        Key::Index(expr) => literal(expr),
    }
}

fn literal(expr: &Expr) -> Option<Word> {
    match &expr.kind {
        ExprKind::Parens(inner) => literal(inner),
        ExprKind::Literal(value) => match (value.as_text(), value.as_i64()) {
            (Some(name), _) => Some(Word::Name(name.clone())),
            (None, Some(index)) => usize::try_from(index).ok().map(Word::Index),
            (None, None) => None,
        },
        _ => None,
    }
}
