//! Names as seen inside one instance of a module.

use std::cell::Cell;

use crate::addr::{InstanceKey, ProviderName, Reference, ResourceName, Subject};
use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::lang::expr::{Host, Scope, Step};
use crate::value::{Marks, Text, Value};

use super::{Evaluator, Expanded, ModuleInstanceId, Repetition};

/// See [`Evaluator::scope`].
pub struct InstanceScope<'e> {
    evaluator: &'e Evaluator,
    module: ModuleInstanceId,
    repetition: Option<&'e Repetition>,
    itself: Option<&'e Value>,
    /// The object under check, by name: a postcondition may name its own resource.
    own: Option<(&'e ResourceName, &'e Value)>,
    /// Set when an object that was still to be evaluated was asked for.
    missed: Cell<bool>,
}

impl<'e> InstanceScope<'e> {
    pub(super) fn new(evaluator: &'e Evaluator, module: ModuleInstanceId) -> Self {
        Self {
            evaluator,
            module,
            repetition: None,
            itself: None,
            own: None,
            missed: Cell::new(false),
        }
    }

    /// With `each` and `count`.
    #[must_use]
    pub fn with_repetition(mut self, repetition: &'e Repetition) -> Self {
        self.repetition = Some(repetition);
        self
    }

    /// With `self`.
    #[must_use]
    pub fn with_self(mut self, name: &'e ResourceName, value: &'e Value) -> Self {
        self.itself = Some(value);
        self.own = Some((name, value));
        self
    }

    /// Whether a name was asked for that has no value yet; it was taken as unknown.
    pub fn missed(&self) -> bool {
        self.missed.get()
    }

    fn value_of(&self, value: Option<&Option<Value>>) -> Value {
        if let Some(Some(value)) = value {
            value.clone()
        } else {
            self.missed.set(true);
            Value::dynamic()
        }
    }

    fn resource(&self, name: &ResourceName, rest: &[Step], at: Span) -> Result<(Value, usize)> {
        if let Some((own, value)) = self.own
            && own == name
            && self
                .repetition
                .is_none_or(|repetition| repetition.key == InstanceKey::None)
        {
            return Ok((value.clone(), 0));
        }
        let Some(values) = self.evaluator.resource(self.module, name) else {
            self.missed.set(true);
            return Ok((Value::dynamic(), 0));
        };
        match (&values.expanded, rest.first()) {
            (Expanded::Count(_) | Expanded::ForEach(_), Some(Step::Index(key))) => {
                match index_key(key) {
                    // An unknown or ill-typed key is for the general rules of indexing.
                    None => Ok((values.whole().clone(), 0)),
                    Some(wanted) => match values.get(&wanted) {
                        Some(value) => Ok((value.clone().with_marks(key.marks()), 1)),
                        None if values.expanded.has(&wanted) => {
                            self.missed.set(true);
                            Ok((Value::dynamic(), 1))
                        }
                        None => Err(missing_instance(name, &wanted, &values.expanded, at)),
                    },
                }
            }
            (Expanded::Count(_) | Expanded::ForEach(_), Some(Step::Attribute(_))) => {
                Err(missing_key(name, &values.expanded, at))
            }
            _ => Ok((values.whole().clone(), 0)),
        }
    }

    fn module(&self, name: &Text, rest: &[Step], at: Span) -> Result<(Value, usize)> {
        let evaluator = self.evaluator;
        let index = evaluator.config_of(self.module).calls.get_index_of(name);
        let Some(instances) = index.and_then(|index| evaluator.module(self.module).calls[index].as_ref())
        else {
            self.missed.set(true);
            return Ok((Value::dynamic(), 0));
        };
        match (&instances.expanded, rest) {
            (Expanded::Single, [Step::Attribute(output), ..]) => {
                let child = instances.children[&InstanceKey::None];
                Ok((self.output(child, output, at)?, 1))
            }
            (Expanded::Count(_) | Expanded::ForEach(_), [Step::Index(key), Step::Attribute(output), ..]) => {
                match index_key(key).and_then(|key| instances.children.get(&key)) {
                    Some(&child) => Ok((self.output(child, output, at)?.with_marks(key.marks()), 2)),
                    None => Ok((self.whole_call(instances), 0)),
                }
            }
            _ => Ok((self.whole_call(instances), 0)),
        }
    }

    fn output(&self, module: ModuleInstanceId, name: &str, at: Span) -> Result<Value> {
        let config = self.evaluator.config_of(module);
        match config.outputs.get_index_of(name) {
            Some(index) => Ok(self.value_of(self.evaluator.module(module).outputs.get(index))),
            None => Err(Diagnostic::error(
                "Unsupported attribute",
                format!("This object does not have an attribute named \"{name}\"."),
            )
            .at(at)
            .into()),
        }
    }

    fn whole_call(&self, instances: &super::module::CallInstances) -> Value {
        let whole = |module: ModuleInstanceId| {
            let config = self.evaluator.config_of(module);
            let outputs = &self.evaluator.module(module).outputs;
            Value::object_of(
                config
                    .outputs
                    .keys()
                    .cloned()
                    .zip(outputs.iter().map(|value| self.value_of(Some(value)))),
            )
        };
        match &instances.expanded {
            Expanded::Single => whole(instances.children[&InstanceKey::None]),
            Expanded::Count(_) => {
                Value::tuple(instances.children.values().map(|&child| whole(child)).collect())
            }
            Expanded::ForEach(_) => {
                Value::object_of(instances.children.iter().filter_map(|(key, &child)| match key {
                    InstanceKey::Text(key) => Some((key.clone(), whole(child))),
                    InstanceKey::None | InstanceKey::Number(_) => None,
                }))
            }
            Expanded::Disabled => Value::null(crate::value::Type::Dynamic),
            Expanded::Unknown => Value::dynamic(),
        }
    }
}

impl Scope for InstanceScope<'_> {
    fn resolve(&self, reference: &Reference, rest: &[Step], at: Span) -> Result<(Value, usize)> {
        let evaluator = self.evaluator;
        let table = evaluator.module(self.module);
        let config = evaluator.config_of(self.module);
        let run = evaluator.run();
        let found = match &reference.subject {
            Subject::Variable(name) => self.value_of(
                config
                    .variables
                    .get_index_of(name)
                    .and_then(|index| table.variables.get(index)),
            ),
            Subject::Local(name) => self.value_of(
                config
                    .locals
                    .get_index_of(name)
                    .and_then(|index| table.locals.get(index)),
            ),
            Subject::Resource(name) => return self.resource(name, rest, at),
            Subject::Module(name) => return self.module(name, rest, at),
            Subject::Each(name) => match self.repetition {
                Some(repetition) if repetition.unknown => Value::dynamic(),
                Some(Repetition {
                    key: InstanceKey::Text(key),
                    value: Some(value),
                    ..
                }) => match &**name {
                    "key" => Value::text(key.clone()),
                    "value" => value.clone(),
                    _ => return Err(no_attribute("each", name, "key and value", at)),
                },
                _ => return Err(not_here("each", at)),
            },
            Subject::Count(name) => match self.repetition {
                Some(repetition) if repetition.unknown => Value::unknown(crate::value::Type::Number),
                Some(Repetition {
                    key: InstanceKey::Number(number),
                    ..
                }) if &**name == "index" => {
                    Value::int(i64::try_from(*number).expect("a count is below 2^63"))
                }
                _ => return Err(not_here("count", at)),
            },
            Subject::Path(name) => match &**name {
                "module" => Value::string(&shown(&config.dir)),
                "root" => Value::string(&shown(&run.root_dir)),
                "cwd" => Value::string(&run.host.working_dir().display().to_string()),
                _ => return Err(no_attribute("path", name, "module, root and cwd", at)),
            },
            Subject::Terraform(name) => match &**name {
                "workspace" => Value::text(run.workspace.clone()),
                // It is another one in each of the two runs.
                "applying" => Value::bool(run.applying).with_marks(Marks::EPHEMERAL),
                _ => return Err(no_attribute("terraform", name, "workspace and applying", at)),
            },
            Subject::Itself => match self.itself {
                Some(value) => value.clone(),
                None => return Err(not_here("self", at)),
            },
            Subject::Bare(name) => return Err(not_here(name, at)),
        };
        Ok((found, 0))
    }

    fn host(&self) -> &dyn Host {
        &*self.evaluator.run().host
    }

    fn provider(&self, local: &str) -> Option<ProviderName> {
        let required = &self.evaluator.config_of(self.module).required_providers;
        required.get(local).map(|required| required.source.clone())
    }
}

/// A folder as the language shows it: the empty path is `.`.
fn shown(dir: &std::path::Path) -> String {
    let text = dir.display().to_string();
    if text.is_empty() { ".".into() } else { text }
}

fn index_key(key: &Value) -> Option<InstanceKey> {
    if let Some(text) = key.as_text() {
        return Some(InstanceKey::Text(text.clone()));
    }
    key.as_i64()
        .and_then(|number| u64::try_from(number).ok())
        .map(InstanceKey::Number)
}

fn missing_instance(name: &ResourceName, wanted: &InstanceKey, expanded: &Expanded, at: Span) -> Diagnostics {
    let has = match expanded {
        Expanded::Count(0) | Expanded::Disabled => "it has no instances".to_owned(),
        Expanded::Count(count) => format!("it has the indexes 0 to {}", count - 1),
        Expanded::ForEach(all) if all.is_empty() => "it has no instances".to_owned(),
        Expanded::ForEach(all) => {
            let guess = match wanted {
                InstanceKey::Text(text) => crate::diag::nearest(text, all.keys().map(|key| &**key)),
                InstanceKey::None | InstanceKey::Number(_) => None,
            };
            guess.map_or_else(
                || "there is no such key in its for_each".to_owned(),
                |nearest| format!("there is no such key in its for_each. Did you mean \"{nearest}\"?"),
            )
        }
        Expanded::Single | Expanded::Unknown => "it has a single instance".to_owned(),
    };
    Diagnostic::error(
        "Invalid index",
        format!("The given key does not identify an element in this collection value: {name}{wanted} does not exist; {has}."),
    )
    .at(at)
    .into()
}

fn missing_key(name: &ResourceName, expanded: &Expanded, at: Span) -> Diagnostics {
    let (what, example) = match expanded {
        Expanded::Count(_) => ("count", format!("{name}[count.index]")),
        _ => ("for_each", format!("{name}[each.key]")),
    };
    Diagnostic::error(
        "Missing resource instance key",
        format!("Because {name} has \"{what}\" set, its attributes must be accessed on specific instances.\n\nFor example, to correlate with indices of a referring resource, use:\n    {example}"),
    )
    .at(at)
    .into()
}

fn no_attribute(object: &str, name: &str, has: &str, at: Span) -> Diagnostics {
    Diagnostic::error(
        format!("Invalid \"{object}\" attribute"),
        format!("The \"{object}\" object does not have an attribute named \"{name}\": it has {has}."),
    )
    .at(at)
    .into()
}

fn not_here(name: &str, at: Span) -> Diagnostics {
    Diagnostic::error(
        "Invalid reference",
        format!("\"{name}\" has no value in this place."),
    )
    .at(at)
    .into()
}
