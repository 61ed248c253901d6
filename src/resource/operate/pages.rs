//! Answers that come in pages, put together as one.

use std::collections::BTreeMap;

use crate::cloud::{ApiError, Call, Class, Cloud};
use crate::diag::Diagnostics;
use crate::schema::{CallSpec, Pages, names};
use crate::value::{Text, Type, Value, raw_equal};

use super::super::scope::Names;

/// No list is longer; a cloud that always names a next page would never end.
const MOST: i64 = 10_000;

/// The answer to a call, all its pages in one: lists joined, the rest from the last page.
pub(super) async fn all(
    cloud: &dyn Cloud,
    spec: &CallSpec,
    call: &Call,
    names: &Names<'_>,
) -> Result<Value, ApiError> {
    let Some(pages) = &spec.pages else {
        return page(cloud, spec, call.clone(), names).await;
    };
    let mut ask = match pages {
        Pages::Token { .. } => None,
        Pages::Numbered { ask, .. } => Some((ask.clone(), Value::int(1))),
    };
    let mut whole: Option<Value> = None;
    for number in 1..=MOST {
        let mut call = call.clone();
        if let Some((name, value)) = &ask {
            call.params = with_param(&call.params, name, value);
        }
        let page = page(cloud, spec, call, names).await?;
        let seen = names.clone().with(names::REPLY, page.clone());
        whole = Some(match whole {
            Some(before) => joined(&before, &page),
            None => page,
        });
        let next =
            next(pages, &seen, number).map_err(|why| unreadable(spec, call_service(spec, names), why))?;
        match (next, &ask) {
            (None, _) => return Ok(whole.expect("a page was read")),
            (Some(next), Some((_, last))) if raw_equal(&next.1, last) => break,
            (next, _) => ask = next,
        }
    }
    Err(unreadable(
        spec,
        call_service(spec, names),
        "the pages of the answer do not end".into(),
    ))
}

/// One answer that holds what the schema expects: a member that is missing would else be read as null, and an
/// object as one that lost everything.
async fn page(cloud: &dyn Cloud, spec: &CallSpec, call: Call, names: &Names<'_>) -> Result<Value, ApiError> {
    let answer = cloud.call(call).await?;
    let Some(expects) = &spec.expects else {
        return Ok(answer);
    };
    let seen = names.clone().with(names::REPLY, answer.clone());
    match seen.value(expects) {
        Ok(found) if !found.is_null() => Ok(answer),
        Ok(_) => Err(unreadable(
            spec,
            call_service(spec, names),
            "the answer does not hold what it must, so it says nothing about the object".into(),
        )),
        Err(errors) => Err(unreadable(spec, call_service(spec, names), why(&errors))),
    }
}

fn why(errors: &Diagnostics) -> String {
    let details: Vec<&str> = errors.iter().map(|error| &*error.detail).collect();
    details.join("; ")
}

/// The parameter that asks for the next page; none when this was the last.
fn next(pages: &Pages, seen: &Names<'_>, number: i64) -> Result<Option<(Text, Value)>, String> {
    let why = |errors: Diagnostics| why(&errors);
    match pages {
        Pages::Token { ask, next } => {
            let token = seen.value_as(next, &Type::String).map_err(why)?;
            let more = token.as_str().is_some_and(|token| !token.is_empty());
            Ok(more.then(|| (ask.clone(), token)))
        }
        Pages::Numbered { ask, total, size } => {
            let whole = |expr| seen.value_as(expr, &Type::Number).map(|value| value.as_i64());
            let total = whole(total)
                .map_err(why)?
                .ok_or("the answer does not say how many there are")?;
            let size = whole(size)
                .map_err(why)?
                .filter(|size| *size > 0)
                .ok_or("the answer does not say how many a page holds")?;
            let more = number.saturating_mul(size) < total;
            Ok(more.then(|| (ask.clone(), Value::int(number + 1))))
        }
    }
}

fn with_param(params: &Value, name: &Text, value: &Value) -> Value {
    let mut entries = params.as_entries().cloned().unwrap_or_default();
    entries.insert(name.clone(), value.clone());
    Value::object(entries).with_marks(params.marks())
}

fn joined(before: &Value, page: &Value) -> Value {
    if let (Some(before), Some(page)) = (before.as_items(), page.as_items()) {
        return Value::tuple(before.iter().chain(page).cloned().collect());
    }
    let (Some(before), Some(page)) = (before.as_entries(), page.as_entries()) else {
        return page.clone();
    };
    let mut all: BTreeMap<Text, Value> = before
        .iter()
        .filter(|(_, value)| value.as_items().is_some() || value.as_entries().is_some())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in page {
        let value = all
            .get(name)
            .map_or_else(|| value.clone(), |before| joined(before, value));
        all.insert(name.clone(), value);
    }
    Value::object(all)
}

fn call_service(spec: &CallSpec, names: &Names<'_>) -> Text {
    spec.service.clone().unwrap_or_else(|| names.service())
}

fn unreadable(spec: &CallSpec, service: Text, message: String) -> ApiError {
    ApiError {
        class: Class::Refused,
        code: "UnreadableAnswer".into(),
        message,
        service,
        action: spec.action.clone(),
        status: None,
        request_id: None,
        after_unclear: false,
    }
}
