//! Making an object, and bringing an existing one to what is planned. An object that exists is never lost.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::schema::{Create, names};
use crate::value::convert::convert;
use crate::value::{Text, Type, Value};

use super::super::scope::Names;
use super::super::{Wish, fill, marks, propose};
use super::call::{Fresh, Patience, backoff};
use super::change::{self, Progress};
use super::failure::{Attempt, Failure};
use super::observe::{self, Seen};
use super::wait::{self, Pending};
use super::{Outcome, Site, lost, timeout};

type Parts = BTreeMap<Text, Value>;

/// How often an object is looked for at once: lists show new objects late.
const LOOKS: u32 = 3;

/// See [`super::create`].
pub(super) async fn create(site: Site<'_>, planned: &Value, config: &Value) -> Outcome {
    let Some(create) = &site.ty.create else {
        let detail = format!("Objects of the type {} cannot be made.", site.ty.name);
        return Outcome::failed(Diagnostic::error("Type without create", detail).into());
    };
    let wish = match wished(site, None, planned, config) {
        Ok(wish) => wish,
        Err(problems) => return Outcome::failed(problems),
    };
    let patience = Patience {
        settle_until: None,
        retry_for: timeout(site, &wish.marked, "create"),
    };
    let made = match make(site, create, &wish, patience).await {
        Ok(made) => made,
        Err(Failed {
            failure,
            lost: Some(told),
            ..
        }) => {
            let mut problems = failure.told("creating the object");
            problems.push(told);
            return Outcome {
                object: None,
                problems,
                unclear: true,
            };
        }
        Err(Failed { failure, lost: None }) => return Outcome::failed(failure.told("creating the object")),
    };
    finish(Site { until: None, ..site }, create, &wish, made, patience).await
}

/// See [`super::update`].
pub(super) async fn update(site: Site<'_>, prior: &Value, planned: &Value, config: &Value) -> Outcome {
    let wish = match wished(site, Some(prior), planned, config) {
        Ok(wish) => wish,
        Err(problems) => {
            return Outcome {
                object: Some(prior.clone()),
                problems,
                unclear: false,
            };
        }
    };
    let patience = Patience {
        settle_until: None,
        retry_for: timeout(site, &wish.marked, "update"),
    };
    let before = prior.unmark_deep().0;
    let object = closed(&wish.open, Some(&before));
    let names = Names::new(site.ty, site.provider)
        .with_prior(Some(prior))
        .with_self(&object);
    let id = prior.get("id").cloned().unwrap_or_else(null);
    let names = names.with(names::ID, id.unmark_deep().0);
    let progress = change::groups(site, &names, (&before, &object), Vec::new(), patience).await;
    end(
        site,
        &names,
        &wish.marked,
        &object,
        progress,
        (patience, "updating the object"),
    )
    .await
}

/// A wish of which everything is known that the configuration decides.
struct Wished {
    /// With marks, for what is recorded.
    marked: Value,
    /// What the cloud chooses is unknown; secrets stay marked, so that no message shows them.
    open: Value,
}

/// Fills up what was unknown when it was planned.
fn wished(site: Site<'_>, prior: Option<&Value>, planned: &Value, config: &Value) -> Result<Wished> {
    let known = planned.is_wholly_known();
    let fresh = if known && prior.is_some() {
        planned.clone()
    } else {
        propose(&Wish {
            ty: site.ty,
            config,
            prior,
            provider: site.provider,
            forced: false,
        })?
        .change
        .after
    };
    let mut parts = fill::completed(planned, &fresh);
    let marked = Value::object(parts.clone());
    for argument in site.ty.arguments.values().filter(|argument| argument.write_only) {
        if let Some(value) = config.get(&argument.name) {
            parts.insert(argument.name.clone(), value.clone());
        }
    }
    Ok(Wished {
        marked: marks::by_schema(&marked, &site.ty.spec),
        open: marks::by_schema(&Value::object(parts), &site.ty.spec),
    })
}

/// The object with nothing unknown: what the cloud chooses is as in another object, or null.
fn closed(open: &Value, other: Option<&Value>) -> Value {
    let mut parts = open.as_entries().cloned().unwrap_or_default();
    for (name, value) in &mut parts {
        if !value.is_wholly_known() {
            let known = other.and_then(|other| other.get(name)).cloned();
            *value = known.unwrap_or_else(|| Value::null(value.ty()));
        }
    }
    Value::object(parts)
}

/// A create that did not make an object, as far as anyone knows.
struct Failed {
    failure: Failure,
    /// What to look for, when an object may exist all the same.
    lost: Option<Diagnostic>,
}

impl From<Diagnostics> for Failed {
    fn from(problems: Diagnostics) -> Self {
        Self {
            failure: Failure::Other(problems),
            lost: None,
        }
    }
}

/// What the create calls made.
struct Made<'a> {
    names: Names<'a>,
    id: Value,
    /// The wish overlaid with what the calls leave behind.
    object: Value,
    /// A call after the first that failed.
    failure: Option<Failure>,
}

/// Makes the object, without what is left to the groups.
async fn make<'a>(
    site: Site<'a>,
    create: &'a Create,
    wish: &Wished,
    patience: Patience,
) -> std::result::Result<Made<'a>, Failed> {
    let start = closed(&wish.open, None);
    let mut names = Names::new(site.ty, site.provider)
        .with_prior(None)
        .with_self(&start);
    names.set(names::MARKER, super::find::marker(site));
    let mut once = Parts::new();
    for (name, expr) in &create.once {
        let value = names.value(expr)?;
        names.set(name, value.clone());
        once.insert(name.clone(), value);
    }
    change::prepare_effects(site, &create.effects, &names)?;
    let mut failure = None;
    names.set(names::REPLY, null());
    for (index, call) in create.calls.iter().enumerate() {
        // Once it exists it may take its time.
        let until = site.until.filter(|_| index == 0);
        let site = Site { until, ..site };
        match super::call::perform(site, call, &names, patience, Fresh::Always).await {
            Ok(reply) => {
                names.set(names::REPLY, reply.whole);
                if let Some(name) = &call.as_name {
                    names.set(name, reply.taken);
                }
                if let (Some(tell), Some(id)) = (site.made, id_of(create, &names)) {
                    let (object, _) = left_behind(site, create, &wish.open, &names, &id);
                    tell(known(site, &wish.marked, &object));
                }
            }
            Err(failed) if index > 0 && id_of(create, &names).is_some() => {
                failure = Some(failed);
                break;
            }
            Err(failed) => {
                let unclear = lost::is_unclear(site, &failed);
                if unclear || site.again {
                    let patience = settling(site, patience);
                    let found = lost::is_found(site, create, &wish.open, &names, patience).await;
                    if found.is_ok_and(|found| found) {
                        break;
                    }
                }
                if unclear && let Some(made) = found_again(site, create, wish, &names, patience).await {
                    return Ok(made);
                }
                let lost = unclear.then(|| lost::told(site, &start, &once));
                return Err(Failed {
                    failure: failed,
                    lost,
                });
            }
        }
    }
    let id = names.told_as(&create.id, &Type::String, names::ID);
    let id = id.map_err(|problems| Failed {
        failure: Failure::Other(problems),
        lost: Some(lost::told(site, &start, &once)),
    })?;
    let id = id.unmark_deep().0;
    if id.as_str().is_none_or(str::is_empty) {
        let detail = format!(
            "The answer holds no id for the new object of the type {}.",
            site.ty.name
        );
        let failure = Failure::Other(Diagnostic::error("Answer without id", detail).into());
        return Err(Failed {
            failure,
            lost: Some(lost::told(site, &start, &once)),
        });
    }
    let (object, problems) = left_behind(site, create, &wish.open, &names, &id);
    let failure = failure.or_else(|| (!problems.is_empty()).then_some(Failure::Other(problems)));
    Ok(Made {
        names,
        id,
        object,
        failure,
    })
}

/// The object that a request made whose answer was lost, by the marker that it carries.
async fn found_again<'a>(
    site: Site<'a>,
    create: &'a Create,
    wish: &Wished,
    names: &Names<'a>,
    patience: Patience,
) -> Option<Made<'a>> {
    site.ty.find.as_ref().filter(|_| site.marker.is_some())?;
    let mut looks = 0;
    let id = loop {
        if let Some(id) = super::find::id(site, names, patience).await.ok()? {
            break id;
        }
        looks += 1;
        if looks == LOOKS {
            // The next run looks again.
            return None;
        }
        site.pause(backoff(looks)).await;
    };
    let (object, problems) = left_behind(site, create, &wish.open, names, &id);
    if let Some(tell) = site.made {
        tell(known(site, &wish.marked, &object));
    }
    Some(Made {
        names: names.clone(),
        id,
        object,
        failure: (!problems.is_empty()).then_some(Failure::Other(problems)),
    })
}

/// The id of the new object, as far as it is known.
pub(super) fn id_of(create: &Create, names: &Names<'_>) -> Option<Value> {
    let id = names
        .told_as(&create.id, &Type::String, names::ID)
        .ok()?
        .unmark_deep()
        .0;
    let known = id.as_str().is_some_and(|id| !id.is_empty());
    known.then_some(id)
}

/// The wish overlaid with what the calls leave behind and what only their answers hold.
pub(super) fn left_behind(
    site: Site<'_>,
    create: &Create,
    open: &Value,
    names: &Names<'_>,
    id: &Value,
) -> (Value, Diagnostics) {
    let mut problems = Diagnostics::new();
    let mut parts: Parts = open.as_entries().cloned().unwrap_or_default();
    parts.insert("id".into(), id.clone());
    let names = names.clone().with(names::ID, id.clone());
    for (name, expr) in create.leaves.iter().chain(&create.keeps) {
        let Some(value) = problems.take(names.value(expr)) else {
            continue;
        };
        let spec = &site.ty.spec;
        let block = || spec.blocks.get(name).map(crate::lang::spec::NestedSpec::ty);
        let to = spec
            .attributes
            .get(name)
            .map(|spec| spec.ty.ty.clone())
            .or_else(block)
            .unwrap_or(Type::Dynamic);
        match convert(&value, &to) {
            Ok(value) => {
                parts.insert(name.clone(), value);
            }
            Err(why) => {
                let detail = format!("What create leaves as \"{name}\" has the wrong type: {why}.");
                problems.push(Diagnostic::error(
                    format!("Error in the schema of {}", site.ty.name),
                    detail,
                ));
            }
        }
    }
    (closed(&Value::object(parts), None), problems)
}

/// Writes local files, runs the groups where the wish differs from what the calls left, waits and reads.
async fn finish<'a>(
    site: Site<'a>,
    create: &'a Create,
    wish: &Wished,
    made: Made<'a>,
    patience: Patience,
) -> Outcome {
    let patience = settling(site, patience);
    let prior = made.object;
    let mut open = wish.open.as_entries().cloned().unwrap_or_default();
    open.insert("id".into(), made.id.clone());
    let object = closed(&Value::object(open), Some(&prior));
    let names = made
        .names
        .with_prior(Some(&prior))
        .with_self(&object)
        .with(names::ID, made.id);
    let doing = "creating the object";
    let stopped = |failure| Progress {
        object: prior.as_entries().cloned().unwrap_or_default(),
        failure: Some(failure),
    };
    let progress = if let Some(failure) = made.failure {
        stopped(failure)
    } else {
        match prepare(site, create, &names, patience).await {
            Ok(pending) => change::groups(site, &names, (&prior, &object), pending, patience).await,
            Err(failure) => stopped(failure),
        }
    };
    end(site, &names, &wish.marked, &object, progress, (patience, doing)).await
}

/// Patient with an object that was made just now.
fn settling(site: Site<'_>, patience: Patience) -> Patience {
    let settle = site.schema.map_or(Duration::ZERO, |schema| schema.settle);
    Patience {
        settle_until: Some(site.machine.elapsed().saturating_add(settle)),
        ..patience
    }
}

/// What only the answer held is lost with the file.
fn not_kept(problems: Diagnostics) -> Diagnostics {
    let told = problems.into_iter().map(|problem| {
        problem.hint("The object was made, and what the file was to hold was in the answer alone: make another one with -replace=ADDRESS -destroy-key=ADDRESS.")
    });
    told.collect()
}

async fn prepare<'a>(
    site: Site<'a>,
    create: &'a Create,
    names: &Names<'a>,
    patience: Patience,
) -> Attempt<Vec<Pending<'a>>> {
    change::effects(site, &create.effects, names).map_err(not_kept)?;
    let mut pending = Vec::new();
    for wait in &create.waits {
        let Some(one) = Pending::new(site, wait, names)? else {
            continue;
        };
        if wait.now {
            wait::for_all(site, vec![one], patience).await?;
        } else {
            pending.push(one);
        }
    }
    Ok(pending)
}

/// Reads the object once more, whatever happened: as much of it as is known is recorded.
async fn end(
    site: Site<'_>,
    names: &Names<'_>,
    marked: &Value,
    wish: &Value,
    progress: Progress,
    (patience, doing): (Patience, &str),
) -> Outcome {
    let failed = progress.failure.is_some();
    let mut problems = progress
        .failure
        .map_or_else(Diagnostics::new, |failure| failure.told(doing));
    let reached = if failed {
        closed(&Value::object(progress.object), None)
    } else {
        wish.clone()
    };
    let id = names.get(names::ID).cloned().unwrap_or_else(null);
    let known = known(site, marked, &reached);
    let names = names.clone().with(names::SELF, reached.unmark_deep().0);
    let object = match settled(site, &names, patience).await {
        Ok(Seen::There(seen)) => observe::object(site, &seen, &known, &id),
        Ok(Seen::Gone(_)) => {
            let detail = "The requests were accepted, but the object cannot be read. It stays recorded: plan again to see whether it is there.";
            Err(Diagnostic::error("Object cannot be found", detail).into())
        }
        Err(failure) => Err(failure.told("reading the object back")),
    };
    let object = match object {
        Ok(object) => object,
        Err(errors) => {
            problems.extend(errors);
            known
        }
    };
    Outcome {
        object: Some(object),
        problems,
        unclear: false,
    }
}

/// What is there, once what was just made no longer seems to be missing: lists too show new objects late.
pub(super) async fn settled<'a>(site: Site<'a>, names: &Names<'a>, patience: Patience) -> Attempt<Seen<'a>> {
    let until = patience.settle_until.unwrap_or_default();
    let mut attempt = 0;
    loop {
        let seen = observe::calls(site, names, None, patience, Fresh::Always).await?;
        let left = until.saturating_sub(site.machine.elapsed());
        if matches!(seen, Seen::There(_)) || left.is_zero() {
            return Ok(seen);
        }
        site.pause(backoff(attempt).min(left)).await;
        attempt += 1;
    }
}

/// An object as far as it is known without reading it, marked for the record.
fn known(site: Site<'_>, marked: &Value, reached: &Value) -> Value {
    let mut parts = reached.as_entries().cloned().unwrap_or_default();
    for argument in site.ty.arguments.values().filter(|argument| argument.write_only) {
        parts.insert(argument.name.clone(), Value::null(argument.ty.clone()));
    }
    marks::as_in(&Value::object(parts), marked, &site.ty.spec)
}

fn null() -> Value {
    Value::null(Type::Dynamic)
}
