//! What becomes of the root module's outputs.

use std::collections::BTreeMap;

use crate::eval::Evaluator;
use crate::graph::{Node, Object};
use crate::state::State;
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
    let before = |name: &str| previous.outputs.get(name).map(|output| output.value.clone());
    let mut all = BTreeMap::new();
    for (i, (name, output)) in (0u32..).zip(&root.outputs) {
        let id = graph.id_of(Node {
            module: graph.root(),
            object: Object::Output(i),
        });
        let before = before(name);
        let after = match mode {
            Mode::Destroy => None,
            _ if !targets.includes_node(id) => before.clone(),
            // A root output that is null is not stored.
            _ => evaluator
                .root_output(name)
                .cloned()
                .filter(|value: &Value| !value.is_null()),
        };
        let sensitive = output.sensitive || previous.outputs.get(name).is_some_and(|output| output.sensitive);
        if before.is_some() || after.is_some() {
            all.insert(
                name.clone(),
                OutputChange {
                    before,
                    after,
                    sensitive,
                },
            );
        }
    }
    for (name, output) in &previous.outputs {
        if !root.outputs.contains_key(name) {
            let after = if targets.is_everything() {
                None
            } else {
                Some(output.value.clone())
            };
            let change = OutputChange {
                before: before(name),
                after,
                sensitive: output.sensitive,
            };
            all.insert(name.clone(), change);
        }
    }
    all
}
