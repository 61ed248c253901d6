//! What was seen while planning, so that the same plan can be made again without looking.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::diag::{Diagnostic, Result};
use crate::resource::operate::{Existence, Found};
use crate::state::journal::Intent;
use crate::value::{Marks, Text, Type, Value, json as values, path};

use super::live::Elsewhere;
use super::observe::{Observer, Wanted};

/// Everything that was seen: objects by address, data sources and imports likewise.
#[derive(Clone, Debug, Default)]
pub struct Record {
    objects: BTreeMap<InstanceAddr, Existence>,
    data: BTreeMap<InstanceAddr, Value>,
    imports: BTreeMap<InstanceAddr, Value>,
    /// What was looked for that earlier runs may have made.
    found: BTreeMap<InstanceAddr, Found>,
    /// Among what it would stand.
    among: BTreeMap<InstanceAddr, Vec<Text>>,
    /// Why data could not be read: the summary and the detail of each error.
    unread: BTreeMap<InstanceAddr, Vec<(String, String)>>,
    /// What schema expressions saw of the providers.
    providers: BTreeMap<ProviderConfig, Value>,
    /// Where services were asked, if not at their own addresses.
    pub elsewhere: Elsewhere,
}

impl Record {
    /// As JSON. It holds secrets in clear: it belongs inside something sealed.
    pub fn to_json(&self) -> Json {
        let seen = |all: &BTreeMap<InstanceAddr, Value>| -> serde_json::Map<String, Json> {
            all.iter()
                .map(|(addr, value)| (addr.to_string(), value_to_json(value)))
                .collect()
        };
        let objects: serde_json::Map<String, Json> = self
            .objects
            .iter()
            .map(|(addr, seen)| (addr.to_string(), existence_to_json(seen)))
            .collect();
        let providers: serde_json::Map<String, Json> = self
            .providers
            .iter()
            .map(|(config, value)| (config.to_string(), value_to_json(value)))
            .collect();
        let unread: serde_json::Map<String, Json> = self
            .unread
            .iter()
            .map(|(addr, errors)| (addr.to_string(), json!(errors)))
            .collect();
        let found: serde_json::Map<String, Json> = self
            .found
            .iter()
            .map(|(addr, found)| (addr.to_string(), found_to_json(found)))
            .collect();
        let among: serde_json::Map<String, Json> = self
            .among
            .iter()
            .map(|(addr, ids)| (addr.to_string(), ids.iter().map(|id| json!(&**id)).collect()))
            .collect();
        let elsewhere: serde_json::Map<String, Json> = self
            .elsewhere
            .iter()
            .map(|(config, lines)| (config.to_string(), json!(lines)))
            .collect();
        json!({
            "objects": objects,
            "data": seen(&self.data),
            "unread": unread,
            "imports": seen(&self.imports),
            "found": found,
            "among": among,
            "providers": providers,
            "elsewhere": elsewhere,
        })
    }

    /// Reads what [`Record::to_json`] wrote.
    pub fn from_json(json: &Json) -> Option<Self> {
        let addr = |text: &str| crate::addr::parse_instance(text).ok();
        let known = |name: &str| -> Option<BTreeMap<InstanceAddr, Value>> {
            let all = json.get(name)?.as_object()?.iter();
            all.map(|(text, value)| Some((addr(text)?, value_from_json(value)?)))
                .collect()
        };
        let objects = json.get("objects")?.as_object()?.iter();
        let objects = objects
            .map(|(text, value)| Some((addr(text)?, existence_from_json(value)?)))
            .collect::<Option<_>>()?;
        let unread = json.get("unread")?.as_object()?.iter();
        let unread = unread
            .map(|(text, errors)| Some((addr(text)?, serde_json::from_value(errors.clone()).ok()?)))
            .collect::<Option<_>>()?;
        let providers = json.get("providers")?.as_object()?.iter();
        let providers = providers
            .map(|(text, value)| Some((ProviderConfig::parse(text)?, value_from_json(value)?)))
            .collect::<Option<_>>()?;
        let found = json.get("found")?.as_object()?.iter();
        let found = found
            .map(|(text, found)| Some((addr(text)?, found_from_json(found)?)))
            .collect::<Option<_>>()?;
        // Plans that were saved before there were such lists have none.
        let among = json.get("among").and_then(Json::as_object);
        let among = among
            .into_iter()
            .flatten()
            .map(|(text, ids)| Some((addr(text)?, texts(ids)?)))
            .collect::<Option<_>>()?;
        let elsewhere = json.get("elsewhere").and_then(Json::as_object);
        let elsewhere = elsewhere
            .into_iter()
            .flatten()
            .map(|(text, lines)| {
                let lines = serde_json::from_value(lines.clone()).ok()?;
                Some((ProviderConfig::parse(text)?, lines))
            })
            .collect::<Option<_>>()?;
        Some(Self {
            objects,
            data: known("data")?,
            unread,
            imports: known("imports")?,
            found,
            among,
            providers,
            elsewhere,
        })
    }
}

fn texts(json: &Json) -> Option<Vec<Text>> {
    let texts = json.as_array()?.iter();
    texts.map(|text| text.as_str().map(Text::from)).collect()
}

fn found_to_json(found: &Found) -> Json {
    match found {
        Found::There(id) => json!(&**id),
        Found::Absent { late } => json!(late),
        Found::Untold => Json::Null,
    }
}

fn found_from_json(json: &Json) -> Option<Found> {
    match json {
        Json::String(id) => Some(Found::There(id.as_str().into())),
        Json::Bool(late) => Some(Found::Absent { late: *late }),
        Json::Null => Some(Found::Untold),
        _ => None,
    }
}

fn existence_to_json(existence: &Existence) -> Json {
    match existence {
        Existence::There(value) => value_to_json(value),
        Existence::Gone => Json::Null,
        Existence::Leaving { lost_at } => json!({ "lost_at": lost_at.as_deref() }),
    }
}

fn existence_from_json(json: &Json) -> Option<Existence> {
    if json.is_null() {
        return Some(Existence::Gone);
    }
    match json.get("lost_at") {
        Some(lost_at) => Some(Existence::Leaving {
            lost_at: lost_at.as_str().map(Into::into),
        }),
        None => value_from_json(json).map(Existence::There),
    }
}

/// An object without what lives in one run only.
fn without_ephemeral(value: &Value) -> Value {
    let Some(entries) = value.as_entries() else {
        return value.clone();
    };
    let kept = entries.iter().map(|(name, value)| {
        let kept = if value.marks_deep().contains(Marks::EPHEMERAL) {
            Value::null(value.ty())
        } else {
            value.clone()
        };
        (name.clone(), kept)
    });
    Value::object(kept.collect())
}

/// A value with its type and its sensitive parts.
#[expect(
    clippy::disallowed_methods,
    reason = "the file is sealed, and marks stand beside the value"
)]
pub fn value_to_json(value: &Value) -> Json {
    let sensitive: Vec<Json> = path::marked_paths(value, Marks::SENSITIVE)
        .iter()
        .map(|path| path::path_to_json(path))
        .collect();
    json!({ "value": values::to_json(&value.reveal(), &Type::Dynamic), "sensitive": sensitive })
}

/// Reads what [`value_to_json`] wrote.
pub fn value_from_json(json: &Json) -> Option<Value> {
    let value = values::from_json(json.get("value")?, &Type::Dynamic).ok()?;
    let paths: Vec<crate::value::Path> = json
        .get("sensitive")?
        .as_array()?
        .iter()
        .map(|path| path::path_from_json(path).ok())
        .collect::<Option<_>>()?;
    Some(path::with_marks_at(&value, &paths, Marks::SENSITIVE))
}

/// Looks through another observer and writes down what it sees.
pub struct Recorder<'o> {
    pub inner: &'o mut dyn Observer,
    pub record: Record,
}

impl Observer for Recorder<'_> {
    fn configure(&mut self, config: &ProviderConfig, arguments: Value) -> Result<Value> {
        let value = self.inner.configure(config, arguments)?;
        if value.is_wholly_known() {
            self.record
                .providers
                .insert(config.clone(), without_ephemeral(&value));
        }
        Ok(value)
    }

    fn may_go_on(&self) -> Result<()> {
        self.inner.may_go_on()
    }

    fn refresh(&mut self, wanted: &[Wanted]) -> Vec<Result<Existence>> {
        let answers = self.inner.refresh(wanted);
        for (wanted, answer) in wanted.iter().zip(&answers) {
            if let Ok(seen) = answer {
                self.record.objects.insert(wanted.addr.clone(), seen.clone());
            }
        }
        answers
    }

    fn read_data(&mut self, wanted: &Wanted, arguments: &Value) -> Result<Value> {
        let answer = self.inner.read_data(wanted, arguments);
        match &answer {
            Ok(value) => drop(self.record.data.insert(wanted.addr.clone(), value.clone())),
            Err(errors) => {
                let told = errors
                    .iter()
                    .map(|error| (error.summary.clone(), error.detail.clone()));
                self.record.unread.insert(wanted.addr.clone(), told.collect());
            }
        }
        answer
    }

    fn open(&mut self, wanted: &Wanted, arguments: &Value) -> Result<Option<Value>> {
        // It ends with this run, and its secrets are not written down.
        self.inner.open(wanted, arguments)
    }

    fn find(&mut self, wanted: &Wanted, intent: &Intent) -> Result<Found> {
        let found = self.inner.find(wanted, intent)?;
        self.record.found.insert(wanted.addr.clone(), found.clone());
        Ok(found)
    }

    fn among(&mut self, wanted: &Wanted, intent: &Intent) -> Result<Vec<Text>> {
        let ids = self.inner.among(wanted, intent)?;
        self.record.among.insert(wanted.addr.clone(), ids.clone());
        Ok(ids)
    }

    fn import(&mut self, wanted: &Wanted, id: &str) -> Result<Value> {
        let value = self.inner.import(wanted, id)?;
        self.record.imports.insert(wanted.addr.clone(), value.clone());
        Ok(value)
    }
}

/// Answers from a record.
pub struct Replay<'o> {
    pub inner: &'o mut dyn Observer,
    pub record: Record,
}

fn not_seen(addr: &InstanceAddr) -> crate::diag::Diagnostics {
    Diagnostic::error(
        "Saved plan does not fit",
        "The plan file does not hold what was seen of this object when the plan was made: it was made by another version, or from other files. Make a new plan.",
    )
    .about(addr)
    .into()
}

impl Observer for Replay<'_> {
    fn configure(&mut self, config: &ProviderConfig, arguments: Value) -> Result<Value> {
        match self.record.providers.get(config) {
            Some(value) => Ok(value.clone()),
            None => self.inner.configure(config, arguments),
        }
    }

    fn may_go_on(&self) -> Result<()> {
        self.inner.may_go_on()
    }

    fn refresh(&mut self, wanted: &[Wanted]) -> Vec<Result<Existence>> {
        let seen = |wanted: &Wanted| {
            self.record
                .objects
                .get(&wanted.addr)
                .cloned()
                .ok_or_else(|| not_seen(&wanted.addr))
        };
        wanted.iter().map(seen).collect()
    }

    fn read_data(&mut self, wanted: &Wanted, _arguments: &Value) -> Result<Value> {
        if let Some(errors) = self.record.unread.get(&wanted.addr) {
            let told = errors
                .iter()
                .map(|(summary, detail)| Diagnostic::error(summary, detail));
            return Err(told.collect());
        }
        self.record
            .data
            .get(&wanted.addr)
            .cloned()
            .ok_or_else(|| not_seen(&wanted.addr))
    }

    fn open(&mut self, _wanted: &Wanted, _arguments: &Value) -> Result<Option<Value>> {
        Ok(None)
    }

    fn find(&mut self, wanted: &Wanted, _intent: &Intent) -> Result<Found> {
        let found = self.record.found.get(&wanted.addr);
        found.cloned().ok_or_else(|| not_seen(&wanted.addr))
    }

    fn among(&mut self, wanted: &Wanted, _intent: &Intent) -> Result<Vec<Text>> {
        let ids = self.record.among.get(&wanted.addr);
        ids.cloned().ok_or_else(|| not_seen(&wanted.addr))
    }

    fn import(&mut self, wanted: &Wanted, _id: &str) -> Result<Value> {
        self.record
            .imports
            .get(&wanted.addr)
            .cloned()
            .ok_or_else(|| not_seen(&wanted.addr))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lives_in_one_run_only_is_not_kept() {
        let token = Value::string("t").with_marks(Marks::EPHEMERAL);
        let seen = Value::object_of([
            ("region", Value::string("r")),
            ("token", token.clone()),
            ("roles", Value::tuple(vec![token])),
        ]);
        let kept = without_ephemeral(&seen);
        assert_eq!(kept.get("region"), seen.get("region"));
        assert!(kept.get("token").is_some_and(Value::is_null));
        assert!(kept.get("roles").is_some_and(Value::is_null));
    }
}
