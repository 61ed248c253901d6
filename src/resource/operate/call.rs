//! One API action: its parameters, its retries, what its answer and its errors mean.

use std::rc::Rc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::cloud::{ApiError, Call, Class, Effect};
use crate::diag::{Diagnostic, Result};
use crate::lang::syntax::Expr;
use crate::schema::{CallSpec, names};
use crate::value::{Marks, Text, Type, Value};

use super::super::scope::Names;
use super::failure::{Attempt, Failure, scrubbed};
use super::shared::{Failures, Known};
use super::{Site, observe, pages};

/// What a call came to.
pub(super) struct Reply {
    /// The answer, all pages in one; null when the call was skipped or its error counts as success.
    pub whole: Value,
    /// What stands under the call's name.
    pub taken: Value,
}

/// How patient calls are, beyond what their schema says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Patience {
    /// Until then an object that was just made may seem to be missing.
    pub settle_until: Option<Duration>,
    /// How long a call that says nothing else is asked again.
    pub retry_for: Option<Duration>,
}

/// How long a call is asked again where neither it nor a timeout says.
const RETRY_FOR: Duration = Duration::from_mins(2);

/// How many calls for elements run at the same time; the clouds' quotas hold them back further.
const AT_ONCE: usize = 10;

/// Whether an answer that another object got may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fresh {
    Always,
    /// For reads that are marked so in the schema.
    UnlessShared,
}

/// Carries out a call.
pub(super) async fn perform(
    site: Site<'_>,
    spec: &CallSpec,
    names: &Names<'_>,
    patience: Patience,
    fresh: Fresh,
) -> Attempt<Reply> {
    if !names.allows(spec.when.as_ref())? {
        return Ok(nothing());
    }
    let Some(list) = &spec.for_each else {
        return one(site, spec, names, patience, fresh).await;
    };
    let list = names.value(list)?;
    if !list.is_known() {
        return Err(unknown(site, spec).into());
    }
    let elements: Vec<Value> = list.as_items().unwrap_or_default().to_vec();
    let calls = elements.into_iter().map(|element| {
        let each = Value::object_of([(names::EACH_MEMBER, element)]);
        let names = names.clone().with(names::EACH, each);
        async move { one(site, spec, &names, patience, fresh).await }
    });
    let replies: Vec<Reply> = stream::iter(calls).buffered(AT_ONCE).try_collect().await?;
    let (whole, taken) = replies
        .into_iter()
        .map(|reply| (reply.whole, reply.taken))
        .unzip();
    Ok(Reply {
        whole: Value::tuple(whole).with_marks(list.marks()),
        taken: Value::tuple(taken).with_marks(list.marks()),
    })
}

/// Carries out a call, or that for one element.
async fn one(
    site: Site<'_>,
    spec: &CallSpec,
    names: &Names<'_>,
    patience: Patience,
    fresh: Fresh,
) -> Attempt<Reply> {
    let call = request(site, spec, names)?;
    let answer = match with_others(site, spec, names, &call, fresh).await {
        Some(known) => Some(known),
        None => ask(site, spec, names, (call, patience, fresh)).await?,
    };
    match answer {
        None => Ok(nothing()),
        Some(known) => {
            let whole = known.answer.clone();
            let names = names.clone().with(names::REPLY, whole.clone());
            observe::refused(&spec.refuse, &names)?;
            let taken = taken(spec, &known, &names)?;
            let marks = if spec.sensitive {
                Marks::SENSITIVE
            } else {
                Marks::NONE
            };
            Ok(Reply {
                whole: whole.with_marks(marks),
                taken: taken.with_marks(marks),
            })
        }
    }
}

/// What goes by the call's name.
fn taken(spec: &CallSpec, known: &Known, names: &Names<'_>) -> Result<Value> {
    if let Some(find) = &spec.find {
        let wanted = names.value_as(&find.value, &Type::String)?;
        let wanted = wanted.as_str().unwrap_or_default();
        let found = known.find(&find.by, wanted, || names.value(&find.list))?;
        return Ok(found.unwrap_or_else(null));
    }
    match &spec.take {
        Some(take) => names.value(take),
        None => Ok(known.answer.clone()),
    }
}

/// The answer to a question that asks for other objects too. None where nobody asks with us, and where what is wrong
/// may be wrong with another object only.
async fn with_others(
    site: Site<'_>,
    spec: &CallSpec,
    names: &Names<'_>,
    call: &Call,
    fresh: Fresh,
) -> Option<Rc<Known>> {
    let together = spec.together.as_ref().filter(|_| fresh == Fresh::UnlessShared)?;
    let (shared, cloud) = (site.shared?, site.cloud?);
    let ids = shared.companions(cloud, &site.ty.name, names.get(names::ID)?.as_text()?)?;
    let mut params = call.params.as_entries()?.clone();
    let ids = ids.iter().map(|id| Value::string(id)).collect();
    params.insert(together.param.clone(), Value::tuple(ids));
    let call = Call {
        params: Value::object(params).with_marks(call.params.marks()),
        ..call.clone()
    };
    let answer = pages::all(cloud, spec, &call, names);
    let found = shared
        .get((cloud, site.provider), &call, Failures::Kept, answer)
        .await;
    found.ok()
}

/// What a call comes to that was not made, or failed in a way that does not matter.
fn nothing() -> Reply {
    Reply {
        whole: null(),
        taken: null(),
    }
}

/// Asks until there is an answer, or an error that stands. None when the error counts as success.
async fn ask(
    site: Site<'_>,
    spec: &CallSpec,
    names: &Names<'_>,
    (mut call, patience, fresh): (Call, Patience, Fresh),
) -> Attempt<Option<Rc<Known>>> {
    let Some(cloud) = site.cloud else {
        return Err(no_cloud(site).into());
    };
    let started = site.machine.elapsed();
    let mut attempt = 0;
    loop {
        let answer = pages::all(cloud, spec, &call, names);
        let answer = match site
            .shared
            .filter(|_| spec.shared && fresh == Fresh::UnlessShared)
        {
            Some(shared) => {
                let place = (cloud, site.provider);
                shared.get(place, &call, Failures::AskedAgain, answer).await
            }
            None => answer.await.map(|answer| Rc::new(Known::new(answer))),
        };
        let error = match answer {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => scrubbed(error, &call.params),
        };
        let seen = names.clone().with(names::ERROR, shown(&error));
        let is = |expr: &Option<Expr>| {
            expr.as_ref()
                .map_or(Ok(false), |expr| Ok(seen.truth(expr)? == Some(true)))
        };
        if call.endpoint.is_none()
            && let Some(other) = other_endpoint(spec, &error, &seen)?
        {
            call.endpoint = Some(other);
            continue;
        }
        let told: Result<bool> = is(&spec.ok_when).and_then(|ok| Ok(ok || is(&spec.null_when)?));
        if error.class != Class::Unclear && told? {
            return Ok(None);
        }
        let gone = error.class == Class::Gone || is(&spec.gone_when)?;
        let again = error.class != Class::Unclear && is(&spec.retry_when)?;
        let until = match (again, gone) {
            (true, _) => started.saturating_add(spec.retry_for.or(patience.retry_for).unwrap_or(RETRY_FOR)),
            (false, true) => patience.settle_until.unwrap_or_default(),
            (false, false) => Duration::ZERO,
        };
        if site.machine.elapsed() >= until {
            return Err(if gone {
                Failure::Gone(error)
            } else {
                Failure::Api(error)
            });
        }
        let pause = backoff(attempt).min(until.saturating_sub(site.machine.elapsed()));
        site.pause(pause).await;
        attempt += 1;
    }
}

/// Where to ask instead, when the error says that this endpoint does not serve us. Never after an unclear failure:
/// the other endpoint could do what this one has done.
fn other_endpoint(spec: &CallSpec, error: &ApiError, seen: &Names<'_>) -> Result<Option<Text>> {
    let Some(fallback) = spec.fallback.as_ref() else {
        return Ok(None);
    };
    let unclear = error.class == Class::Unclear || error.after_unclear;
    if unclear || seen.truth(&fallback.when)? != Some(true) {
        return Ok(None);
    }
    Ok(seen
        .value_as(&fallback.endpoint, &Type::String)?
        .as_text()
        .cloned())
}

/// Half a second, doubled each time, at most ten seconds.
pub(super) fn backoff(attempt: u32) -> Duration {
    Duration::from_millis(500)
        .saturating_mul(1 << attempt.min(5))
        .min(Duration::from_secs(10))
}

fn request(site: Site<'_>, spec: &CallSpec, names: &Names<'_>) -> Result<Call> {
    let params = match &spec.params {
        Some(params) => names.value(params)?,
        None => Value::object_of([] as [(Text, Value); 0]),
    };
    if !params.is_wholly_known() {
        return Err(unknown(site, spec));
    }
    let region = match spec.region.as_ref().or(site.ty.region.as_ref()) {
        Some(region) => names.value_as(region, &Type::String)?.as_text().cloned(),
        None => None,
    };
    Ok(Call {
        service: spec.service.clone().unwrap_or_else(|| site.ty.service.clone()),
        action: spec.action.clone(),
        region,
        endpoint: None,
        params: without_nulls(&params),
        effect: spec.effect,
        until: site.until.filter(|_| spec.effect != Effect::Read),
    })
}

/// Null members of the request itself are left out.
fn without_nulls(params: &Value) -> Value {
    let Some(entries) = params.as_entries() else {
        return params.clone();
    };
    let kept = entries.iter().filter(|(_, value)| !value.is_null());
    Value::object_of(kept.map(|(name, value)| (name.clone(), value.clone()))).with_marks(params.marks())
}

fn shown(error: &ApiError) -> Value {
    Value::object_of([
        ("code", Value::from(error.code.as_str())),
        ("message", Value::from(error.message.as_str())),
    ])
}

fn unknown(site: Site<'_>, spec: &CallSpec) -> crate::diag::Diagnostics {
    let detail = format!(
        "A parameter of {} depends on a value that is not known.",
        spec.action
    );
    Diagnostic::error(format!("Error in the schema of {}", site.ty.name), detail).into()
}

fn no_cloud(site: Site<'_>) -> crate::diag::Diagnostics {
    let detail = format!("Objects of the type {} need a configured provider.", site.ty.name);
    Diagnostic::error("No provider", detail).into()
}

fn null() -> Value {
    Value::null(Type::Dynamic)
}
