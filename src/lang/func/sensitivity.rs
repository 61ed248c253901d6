//! Functions on marks.

use super::{Func, Kind, any};
use crate::value::{Marks, Type, Value};

const VALUE: &[super::Param] = &[any("value").null().unknown().marked()];

const fn on_marks(
    name: &'static str,
    returns: Kind,
    about: &'static str,
    examples: super::Examples,
    call: super::Call,
) -> Func {
    Func {
        name,
        params: VALUE,
        variadic: None,
        returns,
        about,
        examples,
        call,
    }
}

pub(super) const FUNCTIONS: &[Func] = &[
    on_marks(
        "sensitive",
        Kind::Any,
        "Hides the value from output.",
        &[("sensitive(\"a\")", "(sensitive value)")],
        |args| Ok(args.value(0)?.clone().into_secret()),
    ),
    on_marks(
        "nonsensitive",
        Kind::Any,
        "Declares that the value may be shown.",
        &[("nonsensitive(sensitive(\"a\"))", "\"a\"")],
        |args| {
            let value = args.value(0)?;
            if value.is_sensitive() {
                value.release();
            }
            Ok(value
                .clone()
                .replace_marks(value.marks().without(Marks::SENSITIVE)))
        },
    ),
    on_marks(
        "issensitive",
        Kind::Bool,
        "Whether the value is hidden from output.",
        &[
            ("issensitive(sensitive(\"a\"))", "true"),
            ("issensitive(\"a\")", "false"),
        ],
        |args| {
            let value = args.value(0)?;
            // What is not known yet may turn out to be sensitive.
            Ok(if value.is_known() || value.is_sensitive() {
                value.is_sensitive().into()
            } else {
                Value::unknown(Type::Bool).never_null()
            })
        },
    ),
    on_marks(
        "ephemeralasnull",
        Kind::Any,
        "Replaces ephemeral values by null.",
        &[("ephemeralasnull(\"a\")", "\"a\"")],
        |args| Ok(without_ephemeral(args.value(0)?)),
    ),
];

fn without_ephemeral(value: &Value) -> Value {
    use crate::value::Data;
    if value.marks().contains(Marks::EPHEMERAL) {
        return Value::null(value.ty()).with_marks(value.marks().without(Marks::EPHEMERAL));
    }
    if !value.marks_deep().contains(Marks::EPHEMERAL) {
        return value.clone();
    }
    let items = |items: &[Value]| items.iter().map(without_ephemeral).collect();
    let made = match value.data() {
        Data::List(list) => Value::list(list.element.clone(), items(&list.items)),
        Data::Set(set) => Value::set(set.element.clone(), items(&set.items)),
        Data::Tuple(tuple) => Value::tuple(items(tuple)),
        Data::Map(map) => Value::map(
            map.element.clone(),
            map.items
                .iter()
                .map(|(key, item)| (key.clone(), without_ephemeral(item)))
                .collect(),
        ),
        Data::Object(object) => Value::object(
            object
                .iter()
                .map(|(key, item)| (key.clone(), without_ephemeral(item)))
                .collect(),
        ),
        Data::Null(_) | Data::Unknown(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) => value.clone(),
    };
    made.with_marks(value.marks())
}
