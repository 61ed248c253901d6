//! `terraform_data`: keeps a value, and is replaced when another one changes.

use crate::resource::operate::Machine;
use crate::resource::{Action, Change, Wish};
use crate::value::{Marks, Step, Type, Value, raw_equal};

use super::NativeType;

/// See [`super::NativeType`].
pub(super) struct TerraformData;

impl NativeType for TerraformData {
    fn plan(&self, wish: &Wish<'_>) -> Change {
        let (input, triggers) = (part(wish.config, "input"), part(wish.config, "triggers_replace"));
        let Some(prior) = wish.prior else {
            return Change::create(object(
                Value::unknown(Type::String).never_null(),
                &input,
                open(&input),
                &triggers,
            ));
        };
        let recorded = |name| part(prior, name);
        let replaces = !raw_equal(&recorded("triggers_replace"), &triggers);
        let output = if replaces {
            open(&input)
        } else if !raw_equal(&recorded("input"), &input) {
            Value::unknown(input.ty()).with_marks(input.marks_deep())
        } else {
            // The value is as recorded, its marks are those of the input.
            recorded("output").unmark_deep().0.with_marks(input.marks_deep())
        };
        let after = object(recorded("id"), &input, output, &triggers);
        if &after == prior {
            return Change::none(prior.clone());
        }
        let action = if replaces { Action::Replace } else { Action::Update };
        let replace_paths = if replaces {
            vec![vec![Step::attribute("triggers_replace")]]
        } else {
            Vec::new()
        };
        Change {
            action,
            before: prior.clone(),
            after,
            replace_paths,
        }
    }

    fn create(&self, config: &Value, machine: &dyn Machine) -> Value {
        let input = part(config, "input");
        object(
            Value::from(machine.uuid()),
            &input,
            input.clone(),
            &part(config, "triggers_replace"),
        )
    }

    fn update(&self, prior: &Value, config: &Value) -> Value {
        let input = part(config, "input");
        object(
            part(prior, "id"),
            &input,
            input.clone(),
            &part(config, "triggers_replace"),
        )
    }

    /// The output is as sensitive as the input.
    fn seen(&self, value: Value) -> Value {
        let marks = value.get("input").map_or(Marks::NONE, Value::marks_deep);
        if marks.is_empty() {
            return value;
        }
        with_output(&value, part(&value, "output").with_marks(marks))
    }

    fn kept(&self, value: Value) -> Value {
        with_output(&value, part(&value, "output").unmark_deep().0)
    }

    fn import(&self, id: &str) -> Value {
        let null = Value::null(Type::Dynamic);
        object(Value::from(id), &null, null.clone(), &null)
    }
}

/// The output that an input leads to: known once it is applied.
fn open(input: &Value) -> Value {
    if input.is_null() {
        return input.clone();
    }
    Value::unknown(input.ty()).with_marks(input.marks_deep())
}

fn with_output(value: &Value, output: Value) -> Value {
    object(
        part(value, "id"),
        &part(value, "input"),
        output,
        &part(value, "triggers_replace"),
    )
}

fn part(object: &Value, name: &str) -> Value {
    object
        .get(name)
        .cloned()
        .unwrap_or_else(|| Value::null(Type::Dynamic))
}

fn object(id: Value, input: &Value, output: Value, triggers: &Value) -> Value {
    Value::object_of([
        ("id", id),
        ("input", input.clone()),
        ("output", output),
        ("triggers_replace", triggers.clone()),
    ])
}
