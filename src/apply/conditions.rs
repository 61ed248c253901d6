//! Conditions of resources, looked at again with what is known while applying.

use crate::config::Condition;
use crate::diag::{Diagnostics, Result, Severity};
use crate::eval::checks::{Breach, check};
use crate::eval::{CheckKind, CheckResult};
use crate::graph::Object as Block;
use crate::plan::Source;
use crate::value::Value;

use super::run::Executor;

impl Executor<'_> {
    /// Whether an object may be made or changed.
    pub(super) fn preconditions(&mut self, i: usize, source: &Source) -> Result<()> {
        let (before, after) = self.conditions(source);
        if before.is_empty() && after.is_empty() {
            return Ok(());
        }
        let breach = Breach {
            summary: "Resource precondition failed",
            severity: Severity::Error,
        };
        let evaluator = &self.made.evaluator;
        let scope = evaluator.scope(source.module).with_repetition(&source.repetition);
        let (result, found) = check(&before, &scope, breach);
        let (config, object) = self.names(i, source);
        self.made
            .evaluator
            .checks_mut()
            .forget(CheckKind::Resource, &config, &object);
        self.enter_check(config, object, result);
        found.or(())
    }

    /// What is wrong with an object as it is now.
    pub(super) fn postconditions(&mut self, i: usize, source: &Source, value: &Value) -> Diagnostics {
        let (_, after) = self.conditions(source);
        if after.is_empty() {
            return Diagnostics::new();
        }
        let breach = Breach {
            summary: "Resource postcondition failed",
            severity: Severity::Error,
        };
        let resource = self.made.plan.changes[i].addr.resource.clone();
        let evaluator = &self.made.evaluator;
        let scope = evaluator
            .scope(source.module)
            .with_repetition(&source.repetition)
            .with_self(&resource, value);
        let (result, found) = check(&after, &scope, breach);
        let (config, object) = self.names(i, source);
        self.enter_check(config, object, result);
        found
    }

    /// The conditions of a block that are looked at before and after its instances are made.
    fn conditions(&self, source: &Source) -> (Vec<Condition>, Vec<Condition>) {
        let graph = self.made.evaluator.graph();
        let node = graph.node(source.node);
        let Block::Resource(index) = node.object else {
            return (Vec::new(), Vec::new());
        };
        let lifecycle = &graph.module(node.module).config.resources[index as usize].lifecycle;
        (lifecycle.preconditions.clone(), lifecycle.postconditions.clone())
    }

    /// How check results name the block and the instance.
    fn names(&self, i: usize, source: &Source) -> (String, String) {
        let config = self.made.evaluator.graph().describe(source.node);
        (config, self.made.plan.changes[i].addr.to_string())
    }

    fn enter_check(&mut self, config: String, object: String, result: CheckResult) {
        self.made
            .evaluator
            .checks_mut()
            .record(CheckKind::Resource, config, object, result);
    }
}
