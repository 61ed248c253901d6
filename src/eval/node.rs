//! Evaluates the nodes that are no resources.

use std::collections::BTreeMap;
use std::slice;

use crate::addr::InstanceKey;
use crate::config::{Expand, Module, Variable};
use crate::diag::{Diagnostic, Diagnostics, Result, Severity, Span};
use crate::graph::{ModuleId, Node, NodeId, Object, ProviderInstance};
use crate::lang::decode;
use crate::lang::expr::evaluate;
use crate::lang::spec::BlockSpec;
use crate::value::{Marks, Text, Type, Value, convert};

use super::checks::{self, Breach, CheckKind, CheckResult, CheckStatus};
use super::inputs::Nothing;
use super::module::CallInstances;
use super::{Evaluator, Expanded, ModuleInstanceId, Repetition, expand};

impl Evaluator {
    /// Evaluates a variable, local, output or check in every instance of its module, or expands a module call.
    /// What fails is taken as unknown, so that one mistake is reported once. Resources and providers are left to
    /// the caller.
    pub fn evaluate_node(&mut self, id: NodeId) -> Diagnostics {
        let Node { module, object } = self.graph.node(id);
        let mut problems = Diagnostics::new();
        for instance in self.instances(module) {
            match object {
                Object::Variable(i) => self.variable(instance, i as usize, &mut problems),
                Object::Local(i) => self.local(instance, i as usize, &mut problems),
                Object::Output(i) => self.output(instance, i as usize, &mut problems),
                Object::Call(i) => self.call(module, instance, i, &mut problems),
                Object::Check(i) => self.check(instance, i as usize, &mut problems),
                Object::Resource(_) | Object::Provider(_) | Object::End => {}
            }
        }
        problems
    }

    /// Evaluates a provider block in every instance of its module, by the provider's schema.
    pub fn evaluate_provider(&mut self, id: NodeId, spec: &BlockSpec) -> Diagnostics {
        let Node {
            module,
            object: Object::Provider(i),
        } = self.graph.node(id)
        else {
            return Diagnostics::new();
        };
        let mut problems = Diagnostics::new();
        for instance in self.instances(module) {
            let config = self.config_of(instance).clone();
            let block = &config.providers[i as usize];
            let expand = block.for_each.clone().map_or(Expand::Single, Expand::ForEach);
            let Some(expanded) = problems.take(self.expand(instance, &expand)) else {
                continue;
            };
            let mut all = BTreeMap::new();
            for repetition in expanded.repetitions() {
                let scope = self.scope(instance).with_repetition(&repetition);
                let value = problems.take(decode::decode(&block.body, spec, &scope));
                let key = match &repetition.key {
                    InstanceKey::Text(key) => Some(key.clone()),
                    InstanceKey::None | InstanceKey::Number(_) => None,
                };
                all.insert(key, value.unwrap_or_else(Value::dynamic));
            }
            self.module_mut(instance).providers[i as usize] = Some(all);
        }
        problems
    }

    /// The key with which one of a provider's configurations is chosen for an instance of a resource.
    pub fn provider_key(
        &self,
        chosen: &ProviderInstance,
        user: ModuleInstanceId,
        repetition: &Repetition,
    ) -> Result<Text> {
        let span = chosen.key.span;
        let problem = |why: &str| {
            Diagnostic::error(
                "Invalid provider instance key",
                format!("The key of a provider's configuration {why}."),
            )
            .at(span)
        };
        let mut around = (user, None);
        if chosen.of_call.is_some() {
            // The way up leads through the call in which the key is written.
            while let Some(parent) = self.module(around.0).parent {
                let repetition = &self.module(around.0).repetition;
                around = (parent, Some(repetition));
                if self.module(parent).module == chosen.module {
                    break;
                }
            }
        }
        let scope = self
            .scope(around.0)
            .with_repetition(around.1.unwrap_or(repetition));
        let (value, marks) = evaluate(&chosen.key, &scope)?.unmark();
        if marks != Marks::NONE {
            return Err(problem(
                "may not come from sensitive or ephemeral values: it is written into the state",
            )
            .into());
        }
        let text = convert::convert(&value, &Type::String)
            .ok()
            .and_then(|text| text.as_text().cloned());
        text.ok_or_else(|| {
            problem("must be a string that is known while planning: it depends on something that is known only after apply, or is null").into()
        })
    }

    fn variable(&mut self, instance: ModuleInstanceId, index: usize, problems: &mut Diagnostics) {
        let config = self.config_of(instance).clone();
        let variable = &config.variables[index];
        let value = problems
            .take(self.variable_value(instance, variable))
            .unwrap_or_else(Value::dynamic);
        self.module_mut(instance).variables[index] = Some(value);
        if !variable.validations.is_empty() && !self.run.validating {
            let breach = Breach {
                summary: "Invalid value for variable",
                severity: Severity::Error,
            };
            let (result, mut found) = checks::check(&variable.validations, &self.scope(instance), breach);
            for problem in found.iter_mut().filter(|problem| problem.span.is_some()) {
                problem.labels.push(crate::diag::Label {
                    span: variable.span,
                    text: "the variable".into(),
                });
            }
            problems.extend(found);
            let path = self.path(instance).clone();
            let object = prefixed(&path.to_string(), &format!("var.{}", variable.name));
            let block = prefixed(&module_names(&config), &format!("var.{}", variable.name));
            self.checks.forget(CheckKind::Variable, &block, &object);
            self.checks.record(CheckKind::Variable, block, object, result);
        }
    }

    fn variable_value(&self, instance: ModuleInstanceId, variable: &Variable) -> Result<Value> {
        let given = self.given(instance, variable)?;
        let unset = given
            .as_ref()
            .is_none_or(|given| given.is_null() && !variable.nullable);
        let mut summary = "Invalid value for input variable";
        let value = match given {
            Some(given) if !unset => given,
            _ => match &variable.default {
                Some(default) => {
                    summary = "Invalid default value for variable";
                    evaluate(default, &Nothing(&*self.run.host))?
                }
                None if self.run.validating => Value::unknown(variable.ty.ty.clone()),
                None => return Err(self.missing(instance, variable)),
            },
        };
        let converted = convert::convert_with_defaults(&value, &variable.ty).map_err(|mismatch| {
            let (name, origin) = (&variable.name, self.origin(instance, variable));
            let detail = format!(
                "The given value is not suitable for var.{name}{origin}: {}.",
                mismatch.message
            );
            Diagnostic::error(summary, detail).at(variable.span)
        })?;
        if converted.is_null() && !variable.nullable {
            let detail = format!(
                "The given value is not suitable for var.{}: required variable may not be set to null.",
                variable.name
            );
            return Err(Diagnostic::error("Invalid value for input variable", detail)
                .at(variable.span)
                .into());
        }
        let mut marks = Marks::NONE;
        if variable.sensitive {
            marks = marks | Marks::SENSITIVE;
        }
        if variable.ephemeral {
            marks = marks | Marks::EPHEMERAL;
        }
        if !marks.is_empty() {
            converted.meet();
        }
        Ok(converted.with_marks(marks))
    }

    /// What the caller, or the world outside, gives for a variable.
    fn given(&self, instance: ModuleInstanceId, variable: &Variable) -> Result<Option<Value>> {
        let table = self.module(instance);
        let Some(parent) = table.parent else {
            let Some(input) = self.inputs.get(&variable.name) else {
                return Ok(None);
            };
            return input
                .given
                .value(variable, &*self.run.host)
                .map(Some)
                .map_err(|why| {
                    let detail = format!(
                        "The value for var.{} from {} is not suitable: {why}.",
                        variable.name, input.origin
                    );
                    Diagnostic::error("Invalid value for input variable", detail)
                        .at(variable.span)
                        .into()
                });
        };
        let graph = &self.graph;
        let Some(Object::Call(call)) = graph
            .module(table.module)
            .call
            .map(|call| graph.node(call).object)
        else {
            return Ok(None);
        };
        let caller = self.config_of(parent);
        let Some(argument) = caller.calls[call as usize].inputs.attribute(&variable.name) else {
            return Ok(None);
        };
        let scope = self.scope(parent).with_repetition(&table.repetition);
        let value = evaluate(&argument.expr, &scope)?;
        if !variable.ephemeral && value.marks_deep().contains(Marks::EPHEMERAL) {
            let detail = "This input variable is not declared as accepting ephemeral values, so it cannot be set to a result derived from an ephemeral value.";
            return Err(Diagnostic::error("Ephemeral value not allowed", detail)
                .at(argument.expr.span)
                .into());
        }
        Ok(Some(value))
    }

    fn origin(&self, instance: ModuleInstanceId, variable: &Variable) -> String {
        match self.inputs.get(&variable.name) {
            Some(input) if self.module(instance).parent.is_none() => format!(" (from {})", input.origin),
            _ => String::new(),
        }
    }

    fn missing(&self, instance: ModuleInstanceId, variable: &Variable) -> Diagnostics {
        let name = &variable.name;
        if self.module(instance).parent.is_some() {
            let detail = format!(
                "The argument \"{name}\" is required by {}, but no definition was found.",
                self.path(instance)
            );
            return Diagnostic::error("Missing required argument", detail)
                .at(variable.span)
                .into();
        }
        Diagnostic::error(
            "No value for required variable",
            format!("The root module input variable \"{name}\" is not set, and has no default value. Use a -var or -var-file command line argument to provide a value for this variable."),
        )
        .at(variable.span)
        .hint(format!("For example: -var '{name}=...' or the environment variable TF_VAR_{name}"))
        .into()
    }

    fn local(&mut self, instance: ModuleInstanceId, index: usize, problems: &mut Diagnostics) {
        let config = self.config_of(instance).clone();
        let expr = &config.locals[index].expr;
        let value = problems
            .take(evaluate(expr, &self.scope(instance)).and_then(|value| recordable(value, expr.span)));
        self.module_mut(instance).locals[index] = Some(value.unwrap_or_else(Value::dynamic));
    }

    fn output(&mut self, instance: ModuleInstanceId, index: usize, problems: &mut Diagnostics) {
        let config = self.config_of(instance).clone();
        let (Some((name, output)), root) = (
            config.outputs.get_index(index),
            self.module(instance).parent.is_none(),
        ) else {
            return;
        };
        if !output.preconditions.is_empty() && !self.run.validating {
            let breach = Breach {
                summary: "Module output value precondition failed",
                severity: Severity::Error,
            };
            let (result, found) = checks::check(&output.preconditions, &self.scope(instance), breach);
            problems.extend(found);
            let path = self.path(instance).to_string();
            let object = prefixed(&path, &format!("output.{name}"));
            let block = prefixed(&module_names(&config), &format!("output.{name}"));
            self.checks.forget(CheckKind::Output, &block, &object);
            let broken = matches!(result.status, CheckStatus::Fail | CheckStatus::Error);
            self.checks.record(CheckKind::Output, block, object, result);
            if broken {
                self.module_mut(instance).outputs[index] = Some(Value::dynamic());
                return;
            }
        }
        let kept = if root { storable } else { recordable };
        let found = problems.take(
            evaluate(&output.value, &self.scope(instance)).and_then(|value| kept(value, output.value.span)),
        );
        let evaluated = found.is_some();
        let mut value = found.unwrap_or_else(Value::dynamic);
        let marks = value.marks_deep();
        if root && output.ephemeral {
            let detail = "Outputs of the root module are stored, and ephemeral values live in one run only.";
            problems.push(Diagnostic::error("Ephemeral output not allowed", detail).at(output.span));
        } else if !output.ephemeral && marks.contains(Marks::EPHEMERAL) {
            let detail = "This output value is not declared as returning an ephemeral value, so it cannot be set to a result derived from an ephemeral value.";
            problems.push(Diagnostic::error("Ephemeral value not allowed", detail).at(output.value.span));
        } else if output.ephemeral && evaluated && !marks.contains(Marks::EPHEMERAL) {
            let detail = "This output value is declared as returning an ephemeral value, so it can only be set to an ephemeral value.";
            problems.push(
                Diagnostic::error("Value not allowed in ephemeral output", detail).at(output.value.span),
            );
        } else if root && marks.contains(Marks::SENSITIVE) && !output.sensitive {
            problems.push(
                Diagnostic::error(
                    "Output refers to sensitive values",
                    "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, any root module output containing sensitive data must be explicitly marked as sensitive, to confirm your intent.\n\nIf you do intend to export this data, annotate the output value as sensitive by adding the following argument:\n    sensitive = true",
                )
                .at(output.span),
            );
        }
        if output.sensitive {
            value = value.with_marks(Marks::SENSITIVE);
        }
        if output.ephemeral {
            value = value.with_marks(Marks::EPHEMERAL);
        }
        self.module_mut(instance).outputs[index] = Some(value);
    }

    fn check(&mut self, instance: ModuleInstanceId, index: usize, problems: &mut Diagnostics) {
        if self.run.validating {
            return;
        }
        let config = self.config_of(instance).clone();
        let Some((name, check)) = config.checks.get_index(index) else {
            return;
        };
        let breach = Breach {
            summary: checks::ASSERTION_FAILED,
            severity: Severity::Warning,
        };
        let path = self.path(instance).to_string();
        let object = prefixed(&path, &format!("check.{name}"));
        let block = prefixed(&module_names(&config), &format!("check.{name}"));
        self.checks.forget(CheckKind::Check, &block, &object);
        if let Some(why) = self.unread.get(&(instance, name.clone())) {
            let result = CheckResult {
                status: CheckStatus::Fail,
                messages: vec![why.clone()],
            };
            return self.checks.record(CheckKind::Check, block, object, result);
        }
        for assertion in &check.assertions {
            let (result, found) = checks::check(slice::from_ref(assertion), &self.scope(instance), breach);
            problems.extend(found);
            if result.status == CheckStatus::Unknown {
                problems.push(
                    Diagnostic::warning(
                        checks::ASSERTION_WAITS,
                        "The condition could not be evaluated at this time, a result will be known when this plan is applied.",
                    )
                    .at(assertion.condition.span)
                    .alone(),
                );
            }
            self.checks
                .record(CheckKind::Check, block.clone(), object.clone(), result);
        }
    }

    /// Gives the instances of a call, which stay the same, what `each.value` is by now.
    fn call_again(&mut self, instance: ModuleInstanceId, call: u32, problems: &mut Diagnostics) {
        let children = self.unknown_children(instance, call);
        if children.is_empty() {
            return;
        }
        let config = self.config_of(instance).clone();
        let expand = &config.calls[call as usize].expand;
        let Some(expanded) = problems.take(self.expand(instance, expand)) else {
            return;
        };
        for repetition in expanded.repetitions() {
            if let Some(&child) = children.get(&repetition.key) {
                self.module_mut(child).repetition = repetition;
            }
        }
    }

    /// The instances of a call that do not know their `each.value` yet.
    pub(super) fn unknown_children(
        &self,
        instance: ModuleInstanceId,
        call: u32,
    ) -> BTreeMap<InstanceKey, ModuleInstanceId> {
        let Some(call) = &self.module(instance).calls[call as usize] else {
            return BTreeMap::new();
        };
        let unknown = |child: ModuleInstanceId| {
            let value = &self.module(child).repetition.value;
            value.as_ref().is_some_and(|value| !value.is_wholly_known())
        };
        let children = call.children.iter().filter(|(_, child)| unknown(**child));
        children.map(|(key, child)| (key.clone(), *child)).collect()
    }

    /// Expands a module call in one instance of the caller; a second time only what the expansion holds may stay.
    fn call(&mut self, module: ModuleId, instance: ModuleInstanceId, call: u32, problems: &mut Diagnostics) {
        if self.module(instance).calls[call as usize].is_some() {
            return self.call_again(instance, call, problems);
        }
        let config = self.config_of(instance).clone();
        let block = &config.calls[call as usize];
        unknown_inputs(block, problems);
        let expanded = self.expand(instance, &block.expand).and_then(|expanded| {
            expand::within_all(self.count, &expanded, block.span)?;
            Ok(expanded)
        });
        let expanded = problems.take(expanded).unwrap_or(Expanded::Unknown);
        let child = self.graph.called(module, call);
        let mut children = BTreeMap::new();
        for repetition in expanded.repetitions() {
            let key = repetition.key.clone();
            children.insert(
                key,
                self.add_module(child, instance, block.name.clone(), repetition),
            );
        }
        self.module_mut(instance).calls[call as usize] = Some(CallInstances { expanded, children });
    }
}

fn unknown_inputs(call: &crate::config::ModuleCall, problems: &mut Diagnostics) {
    for attribute in &call.inputs.attributes {
        if !call.module.variables.contains_key(&attribute.name) {
            let name = &attribute.name;
            let guess = crate::diag::nearest(name, call.module.variables.keys().map(|key| &**key))
                .map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
            problems.push(
                Diagnostic::error(
                    "Unsupported argument",
                    format!("An argument named \"{name}\" is not expected here: the module declares no such variable.{guess}"),
                )
                .at(attribute.name_span),
            );
        }
    }
}

fn module_names(module: &Module) -> String {
    module
        .path
        .iter()
        .map(|name| format!("module.{name}"))
        .collect::<Vec<_>>()
        .join(".")
}

fn prefixed(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}.{name}")
    }
}

/// What a validating run takes a block's instance to be: all of it unknown, by type.
pub fn unknown_object(spec: &BlockSpec) -> Value {
    let mut attributes: BTreeMap<Text, Value> = spec
        .attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), Value::unknown(attribute.ty.ty.clone())))
        .collect();
    attributes.extend(
        spec.blocks
            .iter()
            .map(|(name, block)| (name.clone(), Value::unknown(block.ty()))),
    );
    Value::object(attributes)
}

impl Evaluator {
    /// `each` and `count` of a module instance.
    pub fn repetition(&self, instance: ModuleInstanceId) -> &Repetition {
        &self.module(instance).repetition
    }
}

/// A block's configuration, unless something that lives in one run only would be kept in the state.
pub fn persistable(config: Value, spec: &BlockSpec) -> Result<Value> {
    let mut problems = Diagnostics::new();
    for (name, value) in config.as_entries().into_iter().flatten() {
        let write_only = spec
            .attributes
            .get(name)
            .is_some_and(|attribute| attribute.write_only);
        if !write_only && value.marks_deep().contains(Marks::EPHEMERAL) {
            let detail = format!(
                "Ephemeral values are not valid for \"{name}\", because it is not a write-only attribute and must be persisted to state."
            );
            let problem = Diagnostic::error("Invalid use of ephemeral value", detail);
            problems.push(problem.of(vec![(name.to_string(), 0)]));
        }
    }
    problems.or(config)
}

/// The value, unless it is one that a state cannot hold.
pub fn storable(value: Value, at: Span) -> Result<Value> {
    let value = recordable(value, at)?;
    if value.is_writable() {
        return Ok(value);
    }
    let error = if value.has_infinity() {
        let detail =
            "A number in it is infinite, which a state cannot hold. It may come of a division by zero.";
        Diagnostic::error("Infinite number", detail)
    } else {
        let detail = "A number in it has about 100,000 digits or more, which a state cannot hold.";
        Diagnostic::error("Number too long", detail)
    };
    Err(error.at(at).into())
}

/// The value, unless it nests deeper or holds more than anything can be recorded.
fn recordable(value: Value, at: Span) -> Result<Value> {
    let mut parts = Value::MOST_PARTS;
    let is_deeper = value.is_deeper_than(Value::DEEPEST, &mut parts);
    if parts == 0 {
        let detail = format!(
            "It holds more than {} values, which is more than a state can hold.",
            Value::MOST_PARTS
        );
        return Err(Diagnostic::error("Value too large", detail).at(at).into());
    }
    if !is_deeper {
        return Ok(value);
    }
    let detail = format!(
        "Values nest in it more than {} levels deep, which is more than a state can hold.",
        Value::DEEPEST
    );
    Err(Diagnostic::error("Value nested too deeply", detail).at(at).into())
}
