//! Results enter state, journal and evaluator.

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics};
use crate::eval::ModuleInstanceId;
use crate::plan::{StepId, StepKind, as_warnings, failure};
use crate::state::journal::Intent;
use crate::state::protocol::{self, Answer, Next};
use crate::value::{Marks, Text, Value, path};

use super::carry::{Born, Carried, Finished};
use super::progress::{Doing, Report};
use super::run::{Executor, change_of, id_of};
use super::start::block_of;

impl Executor<'_> {
    /// The postconditions that an object does not meet; it is recorded all the same.
    pub(super) fn broken_conditions(
        &mut self,
        step: StepId,
        addr: &InstanceAddr,
        result: &Carried,
    ) -> Option<Diagnostics> {
        if matches!(result, Carried::Deleted(_)) || result.problems().is_some() {
            return None;
        }
        let i = change_of(self.steps[step].kind)?;
        let source = self.planned(i).source.clone()?;
        let value = self.made.evaluator.instance_value(addr)?.clone();
        let found = self.postconditions(i, &source, &value);
        found.has_errors().then_some(found)
    }

    pub(super) fn record(&mut self, finished: Finished) {
        if let Carried::Provisioned(result) = finished.result {
            return self.provisioned(finished.step, finished.elapsed, result);
        }
        if let Carried::Listed(before) = finished.result {
            self.before.insert(finished.step, before);
            return self.listed.push_back(finished.step);
        }
        let id = made_id(&finished.result);
        let entered = self.enter(&finished);
        if let Err(error) = &entered {
            // What cannot be recorded must not go on: the next effect would be lost as well.
            self.broken = true;
            self.problems.push(error.clone().about(&finished.addr));
        }
        let Finished {
            step,
            addr,
            deposed,
            doing,
            elapsed,
            result,
            local,
            ..
        } = finished;
        if let Carried::Made(outcome) = &result {
            let warnings = outcome
                .problems
                .iter()
                .filter(|problem| !problem.is_error())
                .cloned();
            self.problems
                .extend(warnings.map(|warning| warning.about(&addr)).collect());
        }
        let errors_about = |errors: &Diagnostics| -> Diagnostics {
            let errors = errors.iter().filter(|problem| problem.is_error()).cloned();
            errors.map(|error| error.about(&addr)).collect()
        };
        if let Some(check) = self.check_of(step) {
            if let Carried::Read(Err(errors)) = result {
                self.progress.failed(&addr, deposed.as_ref(), doing, elapsed);
                return self.unread(step, &check, errors);
            }
            self.made.evaluator.set_unread(check.0, &check.1, None);
        }
        if let Some(errors) = result.problems().map(errors_about) {
            self.progress.failed(&addr, deposed.as_ref(), doing, elapsed);
            self.born(&addr, doing, id.as_deref());
            return self.fail(step, Some(addr), errors);
        }
        let goes_on = entered.is_ok() && self.has_commands(step);
        let broken = if goes_on {
            None
        } else {
            self.broken_conditions(step, &addr, &result)
                .as_ref()
                .map(errors_about)
        };
        self.count(step);
        self.oldest.get_or_insert(self.machine.wall());
        let report = Report {
            addr: addr.clone(),
            deposed,
            doing,
            elapsed,
            id,
        };
        self.born(&report.addr, doing, report.id.as_deref());
        if goes_on {
            return self.line_up(step, report);
        }
        if entered.is_err() {
            self.progress.unrecorded(&report);
        } else if local {
            // Nothing is lost with the record: it may become durable later.
            self.progress.done(&report);
        } else {
            self.unsynced.push(report);
        }
        match broken {
            Some(errors) => self.fail(step, Some(addr), errors),
            None => self.finish_step(step),
        }
    }

    /// The check that a step reads the data of, with its module.
    fn check_of(&self, step: StepId) -> Option<(ModuleInstanceId, Text)> {
        let planned = self.planned(change_of(self.steps[step].kind)?);
        let source = planned.source.as_ref()?;
        let block = block_of(&self.made.evaluator, source);
        Some((source.module, block.check.clone()?))
    }

    /// The data of a check cannot be read: that is what the check tells, and nothing stops for it.
    fn unread(&mut self, step: StepId, check: &(ModuleInstanceId, Text), errors: Diagnostics) {
        let addr = change_of(self.steps[step].kind).map(|i| self.planned(i).addr.clone());
        self.made
            .evaluator
            .set_unread(check.0, &check.1, Some(failure(&errors)));
        let warnings = as_warnings(errors).into_iter();
        let warnings = warnings.map(|warning| match &addr {
            Some(addr) => warning.about(addr),
            None => warning,
        });
        self.problems.extend(warnings.collect());
        self.finish_step(step);
    }

    fn count(&mut self, step: StepId) {
        match self.steps[step].kind {
            StepKind::Create(_) => self.counts.add += 1,
            StepKind::Update(_) => self.counts.change += 1,
            StepKind::Delete(i) | StepKind::DeleteOld(i) if self.planned(i).destroys() => {
                self.counts.remove += 1;
            }
            StepKind::Delete(_) | StepKind::DeleteOld(_) => self.counts.forget += 1,
            StepKind::Join
            | StepKind::Evaluate(_)
            | StepKind::Check(_)
            | StepKind::Read(_)
            | StepKind::Forget(_) => {}
        }
    }

    /// Remembers what was made, for the case that it can be recorded nowhere.
    fn born(&mut self, addr: &InstanceAddr, doing: Doing, id: Option<&str>) {
        let known = self.born.iter().rev().any(|(born, _)| born == addr);
        if let (Doing::Creating, Some(id), false) = (doing, id, known) {
            self.born.push((addr.clone(), id.to_owned()));
        }
    }

    /// Enters what is there now into state, journal and evaluator.
    fn enter(&mut self, finished: &Finished) -> Result<(), Diagnostic> {
        let i = change_of(self.steps[finished.step].kind).expect("only steps with a change are carried out");
        let addr = &finished.addr;
        match &finished.result {
            Carried::Deleted(Ok(())) => {
                let recorded = self.session.record_removed(addr, finished.deposed.as_ref());
                self.state.forget(addr, finished.deposed.as_ref());
                recorded
            }
            Carried::Deleted(Err(_))
            | Carried::Read(Err(_))
            | Carried::Provisioned(_)
            | Carried::Listed(_) => Ok(()),
            Carried::Read(Ok(value)) if addr.resource.is_ephemeral() => {
                let value = crate::plan::ephemeral(value);
                self.made.evaluator.set_instance(addr, value);
                Ok(())
            }
            Carried::Read(Ok(value)) => self.enter_object(i, finished, value),
            Carried::Made(outcome) => {
                if let Some(value) = &outcome.object {
                    self.enter_object(i, finished, value)
                } else {
                    let answer = if outcome.unclear {
                        Answer::Lost
                    } else {
                        Answer::Refused
                    };
                    self.not_made(i, addr, answer)
                }
            }
        }
    }

    /// No object was recorded of a creation.
    fn not_made(&mut self, i: usize, addr: &InstanceAddr, answer: Answer) -> Result<(), Diagnostic> {
        let earlier = self.made.strays.absent.get(addr).cloned();
        let next = protocol::next(answer, earlier.is_some());
        match (next, earlier) {
            (Next::Keep, _) => {
                self.unclear.push(addr.clone());
                self.bring_back(i, addr)
            }
            (Next::Reopen, Some(earlier)) => {
                let back = self.bring_back(i, addr);
                back.and(self.session.record_intent(reopened(earlier), 0))
            }
            _ => self.bring_back(i, addr).and(self.session.record_settled(addr)),
        }
    }

    fn enter_object(&mut self, i: usize, finished: &Finished, value: &Value) -> Result<(), Diagnostic> {
        let value = match &finished.planned {
            Some(planned) => take_marks(value, planned),
            None => value.clone(),
        };
        let created = finished.doing == Doing::Creating;
        let failed = finished.result.problems().is_some();
        let recorded = self.note_object(i, &finished.addr, (created, failed), &value);
        self.begun.remove(&finished.addr);
        self.made.evaluator.set_instance(&finished.addr, value);
        recorded
    }

    /// Enters an object that exists into state and journal, though it is not as planned yet.
    pub(super) fn enter_born(&mut self, born: &Born) -> Result<(), Diagnostic> {
        let i = change_of(self.steps[born.step].kind).expect("only steps with a change are carried out");
        let id = id_of(&born.object).unwrap_or_default();
        self.born.push((born.addr.clone(), id.clone()));
        self.begun.insert(born.addr.clone(), id);
        self.note_object(i, &born.addr, (true, true), &born.object)
    }

    /// What an instance has now, in state and journal: whether it was made, and whether something is still to be done.
    fn note_object(
        &mut self,
        i: usize,
        addr: &InstanceAddr,
        (created, failed): (bool, bool),
        value: &Value,
    ) -> Result<(), Diagnostic> {
        let object_type = self.object_type(i);
        let ty = self.planned(i).ty;
        let record = crate::resource::to_record(ty, value.clone());
        let mut object = crate::resource::record(ty, &record, &object_type)?;
        let managed = addr.resource.is_managed();
        if let Some(old) = self.state.get(addr).filter(|_| managed) {
            crate::plan::inherit(&mut object, old);
        }
        if managed {
            object.status = crate::state::Status::Ready;
            // An update that failed leaves a whole object, if it was one before.
            object.incomplete = failed && (created || object.incomplete);
            let planned = self.planned(i);
            if let Some(source) = &planned.source {
                object.dependencies = self.made.dependencies(source.node).into();
                object.create_before_destroy = self.made.creates_first(source.node);
                object.guard = planned.guard;
            }
        }
        let provider = self.planned(i).provider.clone();
        let recorded = self.session.record_done(addr, created, &provider, &object);
        // Whatever became of the record: the object exists, and the state may still be written in the end.
        self.state.insert(addr, &provider, object);
        recorded
    }

    /// A replacement that was not made leaves the old object in its place.
    pub(super) fn bring_back(&mut self, i: usize, addr: &InstanceAddr) -> Result<(), Diagnostic> {
        match self.aside.remove(&i) {
            Some(key) if self.state.restore(addr, &key) => self.session.record_restored(addr, &key),
            _ => Ok(()),
        }
    }
}

/// An earlier creation that may still arrive, when nothing makes room for it any more.
fn reopened(mut earlier: Intent) -> Intent {
    earlier.begun.aside = None;
    earlier
}

/// The id of what is there now, when it may be shown.
fn made_id(result: &Carried) -> Option<String> {
    match result {
        Carried::Made(outcome) => outcome.object.as_ref().and_then(id_of),
        Carried::Read(result) => result.as_ref().ok().and_then(id_of),
        Carried::Deleted(_) | Carried::Provisioned(_) | Carried::Listed(_) => None,
    }
}

/// The object with the marks that its planned value had.
fn take_marks(object: &Value, planned: &Value) -> Value {
    let (_, all) = path::unmark_with_paths(planned);
    let secret = all
        .into_iter()
        .filter(|(_, marks)| marks.contains(Marks::SENSITIVE));
    secret.fold(object.clone(), |object, (path, marks)| {
        path::with_marks_at(&object, [&path], marks.without(Marks::EPHEMERAL))
    })
}
