//! Conditions and what came of them: validations, pre- and postconditions, assertions.

use std::collections::BTreeMap;

use crate::config::Condition;
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::graph::{Graph, Node, Object};
use crate::lang::expr::{Scope, evaluate};
use crate::value::{Marks, Type, Value, convert};

/// What kind of object was checked. In the order of state files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckKind {
    Resource,
    Output,
    Check,
    Variable,
}

impl CheckKind {
    /// The word of states and plans.
    pub fn word(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Output => "output",
            Self::Check => "check",
            Self::Variable => "var",
        }
    }
}

/// What came of a check. Ordered so that the greater decides for a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckStatus {
    Pass,
    Unknown,
    Fail,
    Error,
}

impl CheckStatus {
    /// The word of states and plans.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

/// What came of the checks of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    pub status: CheckStatus,
    pub messages: Vec<String>,
}

/// Results by kind, by the address in configuration, by the address of the object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks(pub BTreeMap<(CheckKind, String), BTreeMap<String, CheckResult>>);

impl Checks {
    /// Enters a result; a second one for the same object keeps the worse status and all messages.
    pub fn record(&mut self, kind: CheckKind, config: String, object: String, result: CheckResult) {
        let objects = self.0.entry((kind, config)).or_default();
        let entry = objects.entry(object).or_insert(CheckResult {
            status: CheckStatus::Pass,
            messages: Vec::new(),
        });
        entry.status = entry.status.max(result.status);
        entry.messages.extend(result.messages);
    }

    /// All that is declared with conditions, none of them looked at.
    pub fn declared(graph: &Graph) -> Self {
        let blocks = graph.node_ids().filter_map(|id| {
            let Node { module, object } = graph.node(id);
            let config = &graph.module(module).config;
            let (kind, has_conditions) = match object {
                Object::Variable(i) => (
                    CheckKind::Variable,
                    !config.variables[i as usize].validations.is_empty(),
                ),
                Object::Output(i) => (
                    CheckKind::Output,
                    !config.outputs[i as usize].preconditions.is_empty(),
                ),
                Object::Check(_) => (CheckKind::Check, true),
                Object::Resource(i) => (
                    CheckKind::Resource,
                    config.resources[i as usize].lifecycle.has_conditions(),
                ),
                Object::Local(_) | Object::Call(_) | Object::End | Object::Provider(_) => return None,
            };
            has_conditions.then(|| ((kind, graph.describe(id)), BTreeMap::new()))
        });
        Self(blocks.collect())
    }

    /// Whether some object of a block did not pass, so far as it could be told.
    pub fn is_open(&self, kind: CheckKind, config: &str) -> bool {
        let objects = self.0.get(&(kind, config.to_owned()));
        objects.is_some_and(|objects| objects.values().any(|result| result.status != CheckStatus::Pass))
    }

    /// What came of the checks of one object, where there are any.
    pub fn status(&self, kind: CheckKind, config: &str, object: &str) -> Option<CheckStatus> {
        let objects = self.0.get(&(kind, config.to_owned()))?;
        objects.get(object).map(|result| result.status)
    }

    /// Forgets what is recorded for an object, so that a later evaluation replaces it.
    pub fn forget(&mut self, kind: CheckKind, config: &str, object: &str) {
        if let Some(objects) = self.0.get_mut(&(kind, config.to_owned())) {
            objects.remove(object);
        }
    }
}

/// What a broken assertion of a check block is called.
pub const ASSERTION_FAILED: &str = "Check block assertion failed";
/// What an assertion is called that cannot be judged before something is applied.
pub const ASSERTION_WAITS: &str = "Check block assertion known after apply";

/// What a message of a condition is called that cannot be told.
const EPHEMERAL_MESSAGE: &str = "Error message refers to ephemeral values";

/// Whether a message is about an assertion of a check block.
pub fn is_of_assertion(problem: &Diagnostic) -> bool {
    [ASSERTION_FAILED, ASSERTION_WAITS, EPHEMERAL_MESSAGE].contains(&&*problem.summary)
}

/// What a broken condition is called, and how bad it is.
#[derive(Clone, Copy, Debug)]
pub struct Breach {
    pub summary: &'static str,
    pub severity: Severity,
}

/// Evaluates conditions. A broken one is a diagnostic; an unknown one is left for later.
pub fn check(conditions: &[Condition], scope: &dyn Scope, breach: Breach) -> (CheckResult, Diagnostics) {
    let mut result = CheckResult {
        status: CheckStatus::Pass,
        messages: Vec::new(),
    };
    let mut problems = Diagnostics::new();
    for condition in conditions {
        match holds(condition, scope) {
            Ok(Some(true)) => {}
            Ok(None) => result.status = result.status.max(CheckStatus::Unknown),
            Ok(Some(false)) => {
                let message = message(condition, scope);
                result.status = result.status.max(CheckStatus::Fail);
                let told = message.clone().unwrap_or_else(|_| NOT_TOLD.into());
                let mut found = Diagnostic::error(breach.summary, told)
                    .at(condition.condition.span)
                    .alone();
                found.severity = breach.severity;
                problems.push(found);
                match message {
                    Ok(message) => result.messages.push(message),
                    Err(why) => problems.push(*why),
                }
            }
            Err(mut errors) => {
                result.status = CheckStatus::Error;
                errors
                    .iter_mut()
                    .for_each(|error| error.severity = breach.severity);
                problems.extend(errors);
            }
        }
    }
    (result, problems)
}

fn holds(condition: &Condition, scope: &dyn Scope) -> Result<Option<bool>, Diagnostics> {
    let value = evaluate(&condition.condition, scope)?;
    let refuse = |detail: &str| {
        Diagnostics::from(Diagnostic::error("Invalid condition result", detail).at(condition.condition.span))
    };
    let value = convert::convert(&value, &Type::Bool)
        .map_err(|mismatch| refuse(&format!("Invalid condition result value: {}.", mismatch.message)))?;
    if value.is_null() {
        return Err(refuse(
            "Condition expression must return either true or false, not null.",
        ));
    }
    Ok(value.as_bool())
}

/// What is told of a condition whose message cannot be.
const NOT_TOLD: &str =
    "This check failed, but has an invalid error message as described in the other accompanying messages.";

/// The message of a broken condition; hidden when it is sensitive. What lives in one run only cannot be recorded.
fn message(condition: &Condition, scope: &dyn Scope) -> Result<String, Box<Diagnostic>> {
    let value = evaluate(&condition.error_message, scope)
        .ok()
        .and_then(|value: Value| convert::convert(&value, &Type::String).ok());
    if value
        .as_ref()
        .is_some_and(|value| value.marks().contains(Marks::EPHEMERAL))
    {
        let detail = "The error expression used to explain this condition refers to ephemeral values, so the resulting message is not displayed.\n\nYou can correct this by removing references to ephemeral values, or by using the ephemeralasnull() function on the references to not reveal ephemeral data.";
        let warning = Diagnostic::warning(EPHEMERAL_MESSAGE, detail);
        return Err(Box::new(warning.at(condition.error_message.span)));
    }
    Ok(match value {
        Some(value) if value.is_sensitive() => {
            "The condition does not hold. Its message is not shown because it contains sensitive values."
                .into()
        }
        Some(value) => value.as_str().map_or_else(
            || "The condition does not hold, and its message is not known yet.".into(),
            |text| text.trim().to_owned(),
        ),
        None => "The condition does not hold, and its message could not be evaluated.".into(),
    })
}
