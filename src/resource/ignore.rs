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
        (Data::List(_) | Data::Tuple(_), Word::Index(index)) => {
            let mut items = value.as_items().unwrap_or_default().to_vec();
            let recorded = prior
                .and_then(|prior| prior.as_items())
                .and_then(|items| items.get(index));
            if let (Some(item), Some(recorded)) = (items.get_mut(index), recorded)
                && let Some(changed) = taken(item, Some(recorded), rest)
            {
                *item = changed;
            }
            let changed = match value.data() {
                Data::List(list) => Value::list(list.element.clone(), items),
                _ => Value::tuple(items),
            };
            Some(changed.with_marks(marks))
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

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::diag::{FileId, Span};
    use crate::lang::syntax::parse_expression;
    use crate::value::json::{from_plain_json, to_plain_json};

    fn path(text: &str) -> Vec<Key> {
        let expr = parse_expression(FileId(0), text).expect("an expression");
        let ExprKind::Traversal(traversal) = expr.kind else {
            panic!("a name")
        };
        let root = Key::Attribute(traversal.root.clone(), traversal.root_span);
        [root].into_iter().chain(traversal.steps).collect()
    }

    /// An object whose `tags` are a map.
    fn object(json: &Json) -> Value {
        let plain = from_plain_json(json);
        let mut parts = plain.as_entries().cloned().unwrap_or_default();
        if let Some(tags) = parts.get_mut("tags") {
            *tags = crate::value::convert::convert(tags, &Type::map(Type::String)).unwrap();
        }
        Value::object(parts)
    }

    #[track_caller]
    fn check(ignored: &str, config: &Json, prior: &Json, expected: &Json) {
        let span: Span = parse_expression(FileId(0), "a").unwrap().span;
        let ignore = IgnoreChanges::Paths(vec![(path(ignored), span)]);
        let found = ignore_changes(&object(config), &object(prior), &ignore);
        assert_eq!(to_plain_json(&found), *expected);
    }

    #[test]
    fn an_argument_stays_as_recorded() {
        check(
            "a",
            &json!({"a": 1, "b": 1}),
            &json!({"a": 2, "b": 2}),
            &json!({"a": 2, "b": 1}),
        );
        check("a", &json!({"a": null}), &json!({"a": 2}), &json!({"a": 2}));
    }

    #[test]
    fn a_key_of_a_map_stays_as_recorded() {
        let (config, prior) = (json!({"tags": {"x": "1", "y": "1"}}), json!({"tags": {"x": "2"}}));
        check(
            "tags[\"x\"]",
            &config,
            &prior,
            &json!({"tags": {"x": "2", "y": "1"}}),
        );
        check("tags.y", &config, &prior, &json!({"tags": {"x": "1"}}));
        check(
            "tags.x",
            &json!({"tags": null}),
            &prior,
            &json!({"tags": {"x": "2"}}),
        );
        check(
            "tags.x",
            &config,
            &json!({"tags": null}),
            &json!({"tags": {"y": "1"}}),
        );
    }

    #[test]
    fn an_element_of_a_list_stays_as_recorded() {
        let prior = json!({"l": [{"a": 2, "b": 2}]});
        let expected = json!({"l": [{"a": 2, "b": 1}]});
        check("l[0].a", &json!({"l": [{"a": 1, "b": 1}]}), &prior, &expected);
    }

    #[test]
    fn all_is_the_recorded_object() {
        let found = ignore_changes(
            &object(&json!({"a": 1})),
            &object(&json!({"a": 2})),
            &IgnoreChanges::All,
        );
        assert_eq!(to_plain_json(&found), json!({"a": 2}));
    }
}
