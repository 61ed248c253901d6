//! The end of an apply: what was never reached, and what the state says beside the objects: outputs and the
//! results of checks.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::InstanceAddr;
use crate::eval::{CheckStatus, Checks};
use crate::plan::{Made, Mode, StepId};
use crate::resource::Action;
use crate::state::{CheckObject, CheckResult, OutputValue, Rest, State};
use crate::value::{Marks, Text};

use super::run::{Executor, change_of};
use super::{Outcome, Skipped};

impl Executor<'_> {
    /// Writes the state a last time and says what came of it all.
    pub(super) fn end(mut self) -> Outcome {
        let skipped = self.skipped();
        let open = self.session.unsettled().iter();
        for intent in open {
            // It may be one of this run.
            if !self.unclear.contains(&intent.address) {
                self.unclear.push(intent.address.clone());
            }
        }
        let imports = self
            .made
            .plan
            .changes
            .iter()
            .filter(|planned| planned.import.is_some())
            .count();
        self.counts.import = imports;
        let whole = self.failed.is_empty() && skipped.is_empty() && self.stop == 0;
        outputs(&mut self.state, &self.made, whole);
        checks(&mut self.state, &self.made);
        dependencies(&mut self.state, &self.made);
        let Self {
            state,
            session,
            mut problems,
            counts,
            failed,
            unclear,
            stop,
            born,
            ..
        } = self;
        let finish = session.finish(&state);
        problems.extend(finish.problem.into_iter().collect());
        let failed = failed.into_values().flatten().collect();
        Outcome {
            state: finish.state,
            problems,
            counts,
            failed,
            skipped,
            unclear,
            recorded: finish.kept,
            unrecorded: if finish.kept { Vec::new() } else { born },
            interrupted: stop > 0,
        }
    }

    /// Changes whose turn never came, each with the failure that was in the way.
    fn skipped(&self) -> Vec<Skipped> {
        let mut because: BTreeMap<StepId, Option<InstanceAddr>> = BTreeMap::new();
        let mut from: Vec<(StepId, Option<InstanceAddr>)> = self
            .failed
            .iter()
            .map(|(step, addr)| (*step, addr.clone()))
            .collect();
        while let Some((step, addr)) = from.pop() {
            for &dependant in self.queue.dependants(step) {
                if !self.failed.contains_key(&dependant) && !because.contains_key(&dependant) {
                    because.insert(dependant, addr.clone());
                    from.push((dependant, addr.clone()));
                }
            }
        }
        let untouched =
            (0..self.steps.len()).filter(|step| !self.done.contains(step) && !self.failed.contains_key(step));
        untouched
            .filter_map(|step| {
                let planned = self.planned(change_of(self.steps[step].kind)?);
                let because = because.get(&step).cloned().flatten();
                Some(Skipped {
                    addr: planned.addr.clone(),
                    deposed: planned.deposed.clone(),
                    because,
                })
            })
            .collect()
    }
}

/// Outputs as they are now. Where something was not done, an output that is not known keeps its old value.
fn outputs(state: &mut State, made: &Made, whole: bool) {
    for (name, change) in &made.plan.outputs {
        let now = match made.plan.mode {
            Mode::Destroy => change.after.clone(),
            Mode::Normal | Mode::RefreshOnly => made
                .evaluator
                .root_output(name)
                .cloned()
                .or_else(|| change.after.clone()),
        };
        match now {
            Some(value) if change.after.is_some() && value.is_wholly_known() => {
                if value.is_null() || value.marks_deep().contains(Marks::EPHEMERAL) {
                    state.outputs.remove(name);
                } else {
                    state
                        .outputs
                        .insert(name.clone(), OutputValue::new(&value, change.sensitive));
                }
            }
            None if whole => drop(state.outputs.remove(name)),
            _ if change.after.is_none() && whole => drop(state.outputs.remove(name)),
            _ => {}
        }
    }
}

/// What objects refer to by now, though nothing else about them has changed; and what they depended on by way of
/// objects that are gone.
fn dependencies(state: &mut State, made: &Made) {
    if made.plan.mode == Mode::Normal {
        let left_alone =
            made.plan.changes.iter().filter(|planned| {
                planned.change.action == Action::NoOp && planned.addr.resource.is_managed()
            });
        for planned in left_alone {
            let Some(source) = &planned.source else { continue };
            let now = made.dependencies(source.node);
            let before = state.get(&planned.addr).map(|object| &object.dependencies);
            if before.is_some_and(|before| is_more(&now, before))
                && let Some(object) = state.get_mut(&planned.addr)
            {
                let all: BTreeSet<Text> = object.dependencies.iter().cloned().chain(now).collect();
                object.dependencies = all.into_iter().collect::<Vec<_>>().into();
            }
        }
    }
    state.bridge(&made.previous);
}

/// Whether there is a name that the other list does not have.
fn is_more(now: &[Text], before: &[Text]) -> bool {
    now.iter().any(|name| !before.contains(name))
}

/// The results of all conditions, as the state records them.
fn checks(state: &mut State, made: &Made) {
    state.check_results = match made.plan.mode {
        Mode::Destroy => recorded(&made.plan.checks),
        Mode::Normal | Mode::RefreshOnly => recorded(made.evaluator.checks()),
    };
}

fn recorded(checks: &Checks) -> Option<Vec<CheckResult>> {
    if checks.0.is_empty() {
        return None;
    }
    let all = checks.0.iter().map(|((kind, config), objects)| {
        let status = objects
            .values()
            .map(|result| result.status)
            .max()
            .unwrap_or(CheckStatus::Unknown);
        CheckResult {
            kind: kind.word().into(),
            config_addr: config.as_str().into(),
            status: status.word().into(),
            objects: (!objects.is_empty()).then(|| {
                objects
                    .iter()
                    .map(|(address, result)| CheckObject {
                        address: address.as_str().into(),
                        status: result.status.word().into(),
                        failure_messages: result
                            .messages
                            .iter()
                            .map(|message| message.as_str().into())
                            .collect(),
                        rest: Rest::new(),
                    })
                    .collect()
            }),
            rest: Rest::new(),
        }
    });
    Some(all.collect())
}
