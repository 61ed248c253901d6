//! What becomes of the root module's outputs.

use std::collections::BTreeMap;

use crate::eval::Evaluator;
use crate::graph::{Node, Object};
use crate::state::{OutputValue, State};
use crate::value::{Text, Value};

use super::target::Targets;
use super::{Mode, OutputChange};

/// Every output that is declared or recorded.
pub(super) fn changes(
    evaluator: &Evaluator,
    previous: &State,
    mode: Mode,
    targets: &Targets,
) -> BTreeMap<Text, OutputChange> {
    // Outputs stay as they are where only some objects go.
    if mode == Mode::Destroy && !targets.is_everything() {
        return BTreeMap::new();
    }
    let graph = evaluator.graph();
    let root = &graph.module(graph.root()).config;
    let mut all = BTreeMap::new();
    for (i, (name, output)) in (0u32..).zip(&root.outputs) {
        let id = graph.id_of(Node {
            module: graph.root(),
            object: Object::Output(i),
        });
        let after = evaluator.root_output(name).cloned();
        let change = match previous.outputs.get(name) {
            recorded if mode == Mode::Destroy => removed(recorded),
            recorded if !targets.includes_node(id) => kept(recorded),
            // What it refers to is not in the state.
            Some(recorded) if mode == Mode::RefreshOnly && !is_known(after.as_ref()) => kept(Some(recorded)),
            recorded => OutputChange {
                after,
                sensitive: output.sensitive,
                ..removed(recorded)
            },
        };
        if change.before.is_some() || change.after.is_some() {
            all.insert(name.clone(), change);
        }
    }
    for (name, recorded) in &previous.outputs {
        if !root.outputs.contains_key(name) {
            let change = if targets.is_everything() { removed } else { kept };
            all.insert(name.clone(), change(Some(recorded)));
        }
    }
    all
}

fn is_known(value: Option<&Value>) -> bool {
    value.is_some_and(Value::is_wholly_known)
}

fn removed(recorded: Option<&OutputValue>) -> OutputChange {
    OutputChange {
        before: recorded.map(|output| output.value.clone()),
        after: None,
        sensitive: false,
        was_sensitive: recorded.is_some_and(|output| output.sensitive),
    }
}

fn kept(recorded: Option<&OutputValue>) -> OutputChange {
    let gone = removed(recorded);
    OutputChange {
        after: gone.before.clone(),
        sensitive: gone.was_sensitive,
        ..gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Action;
    use crate::value::{Marks, Type};

    #[track_caller]
    fn check(before: Option<Value>, after: Option<Value>, secret: (bool, bool), expected: Action) {
        let change = OutputChange {
            before,
            after,
            sensitive: secret.1,
            was_sensitive: secret.0,
        };
        assert_eq!(change.action(), expected);
    }

    #[test]
    fn only_what_is_recorded_otherwise_is_a_change() {
        let text = |text: &str| Some(Value::string(text));
        let null = Some(Value::null(Type::Dynamic));
        let secret = Some(Value::string("a").with_marks(Marks::SENSITIVE));
        let open = (false, false);
        check(text("a"), text("a"), open, Action::NoOp);
        check(text("a"), text("b"), open, Action::Update);
        check(None, text("a"), open, Action::Create);
        check(text("a"), None, open, Action::Delete);
        check(text("a"), null.clone(), open, Action::Update);
        check(None, null, open, Action::NoOp);
        check(text("a"), secret.clone(), (true, true), Action::NoOp);
        check(text("a"), secret, (false, true), Action::Update);
        check(text("a"), text("a"), (true, false), Action::Update);
    }
}
