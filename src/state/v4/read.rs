//! Reading version 4: from records to a state, everything checked that a later step relies on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::record::{
    CheckObjectRecord, CheckRecord, InstanceRecord, OutputRecord, ResourceRecord, RestRecord, StateRecord,
    Str,
};
use super::{VERSION, path};
use crate::addr::{
    InstanceKey, Mode, ModulePath, OnDestroy, ProviderConfig, ResourceAddr, ResourceName, Target,
    parse_target,
};
use crate::diag::Diagnostic;
use crate::lang::syntax::write::is_name;
use crate::state::envelope::Envelope;
use crate::state::manner::is_encrypted;
use crate::state::raw::Raw;
use crate::state::{
    CheckObject, CheckResult, Dependencies, Guard, Instances, Object, OutputValue, ResourceState, Rest,
    Secrets, State, Status, Withheld,
};
use crate::value::{Marks, Path, Text, Type, json};

/// Reads the text of a state file; `name` says in messages which file it is.
pub fn read(text: &Arc<String>, name: &str) -> Result<State, Diagnostic> {
    let record: StateRecord = serde_json::from_str(text).map_err(|error| {
        wrong_version(version_of(text), name).unwrap_or_else(|| not_readable(&error, name))
    })?;
    let version = record.version.and_then(|version| version.get().parse().ok());
    if let Some(diagnostic) = wrong_version(version, name) {
        return Err(diagnostic);
    }
    if version.is_none() && Envelope::is_one(text) {
        return Err(is_encrypted(name));
    }
    Reader::new(text, name).state(record)
}

/// Reads an object from the line that `write_object` made.
pub fn read_object(text: &Arc<String>, name: &str) -> Result<Object, Diagnostic> {
    let record: InstanceRecord = serde_json::from_str(text).map_err(|error| not_readable(&error, name))?;
    Reader::new(text, name).object(record)
}

/// Reads the outputs that `write_outputs` made.
pub fn read_outputs(text: &Arc<String>, name: &str) -> Result<BTreeMap<Text, OutputValue>, Diagnostic> {
    let record: BTreeMap<Str, OutputRecord> =
        serde_json::from_str(text).map_err(|error| not_readable(&error, name))?;
    Reader::new(text, name).outputs(Some(record))
}

/// What was left out of an object; the error is a sentence without a full stop.
fn withheld(text: &str) -> Result<Arc<[Withheld]>, String> {
    let all: Vec<serde_json::Value> =
        serde_json::from_str(text).map_err(|_| "what is withheld of an object is not a list")?;
    all.iter()
        .map(|one| {
            Ok(Withheld {
                path: path::read_path(&one["path"])?,
                digest: one["digest"].as_str().map(Text::from),
            })
        })
        .collect()
}

/// The version a text claims to have, when the rest of it has a form we do not know.
fn version_of(text: &str) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Claim {
        version: u64,
    }
    Some(serde_json::from_str::<Claim>(text).ok()?.version)
}

fn wrong_version(version: Option<u64>, name: &str) -> Option<Diagnostic> {
    match version {
        Some(VERSION) | None => None,
        Some(newer) if newer > VERSION => Some(Diagnostic::error(
            "Unsupported state file format",
            format!(
                "{name} has version {newer} of the state format, and this program knows versions up to {VERSION}. A newer program wrote it; use that one. The file was left as it is."
            ),
        )),
        Some(older) => Some(Diagnostic::error(
            "Unsupported state file format",
            format!(
                "{name} has version {older} of the state format, which Terraform used before 0.12. Let Terraform 1.x write it once (\"terraform apply -refresh-only\"), then try again. The file was left as it is."
            ),
        )),
    }
}

fn not_readable(error: &serde_json::Error, name: &str) -> Diagnostic {
    let (line, column) = (error.line(), error.column());
    // What serde says of wrong data quotes it, and it may be secret.
    let why = match error.classify() {
        serde_json::error::Category::Eof => "the text ends too early",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "this is not valid JSON",
        serde_json::error::Category::Data => {
            "a value has not the form that belongs there, or a member is there twice"
        }
    };
    Diagnostic::error(
        "State file is damaged",
        format!(
            "{name}, line {line}, column {column}: {why}. The file was left as it is. Restore it from its backup or from version control."
        ),
    )
}

/// What reading needs to know all the way down.
struct Reader<'t> {
    text: &'t Arc<String>,
    name: &'t str,
    /// The sensitive paths met last: objects of one type mostly have the same.
    paths: RefCell<(String, Arc<[Path]>)>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t Arc<String>, name: &'t str) -> Self {
        Self {
            text,
            name,
            paths: RefCell::default(),
        }
    }

    fn invalid(&self, why: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::error(
            "Invalid state file",
            format!("{}: {why}. The file was left as it is.", self.name),
        )
    }

    fn state(&self, record: StateRecord<'_>) -> Result<State, Diagnostic> {
        // A version that is a number is known by now.
        match record.version.map(|version| version.get().parse::<u64>()) {
            None => return Err(self.invalid("it does not say which version of the format it has")),
            Some(Err(_)) => return Err(self.invalid("its version must be a positive whole number")),
            Some(Ok(_)) => {}
        }
        let mut last = Last::default();
        let records = record.resources.into_iter().flatten();
        let mut resources = records
            .map(|record| self.resource(record, &mut last))
            .collect::<Result<Vec<_>, _>>()?;
        // Files are sorted already, mostly: this costs less than entering one by one.
        resources.sort_by(|(left, _), (right, _)| left.cmp(right));
        if let Some(pair) = resources.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(self.invalid(format!("{} is there twice", pair[0].0)));
        }
        let checks = record.check_results.map(|all| {
            let read = |check| self.check_result(check);
            all.into_iter().map(read).collect()
        });
        Ok(State {
            terraform_version: record.terraform_version.map(text).unwrap_or_default(),
            serial: self.serial(record.serial)?,
            lineage: record.lineage.map(text).unwrap_or_default(),
            outputs: self.outputs(record.outputs)?,
            resources: resources.into_iter().collect(),
            check_results: checks,
            rest: self.rest(record.rest),
            secrets: Secrets::default(),
        })
    }

    /// A serial from which states may be counted on for ever.
    fn serial(&self, raw: Option<&RawValue>) -> Result<u64, Diagnostic> {
        let serial = self.number(raw, "serial")?;
        if serial > i64::MAX as u64 {
            return Err(self.invalid(format!("serial must be at most {}", i64::MAX)));
        }
        Ok(serial)
    }

    fn number(&self, raw: Option<&RawValue>, what: &str) -> Result<u64, Diagnostic> {
        let Some(raw) = raw else { return Ok(0) };
        raw.get()
            .parse()
            .map_err(|_| self.invalid(format!("{what} must be a whole number that is not negative")))
    }

    fn raw(&self, raw: &RawValue) -> Raw {
        Raw::part(self.text, raw.get())
    }

    fn rest(&self, rest: RestRecord<'_>) -> Rest {
        rest.into_iter()
            .map(|(key, raw)| (text(key), self.raw(raw)))
            .collect()
    }

    fn outputs(
        &self,
        records: Option<BTreeMap<Str<'_>, OutputRecord<'_>>>,
    ) -> Result<BTreeMap<Text, OutputValue>, Diagnostic> {
        let mut outputs = BTreeMap::new();
        for (name, record) in records.into_iter().flatten() {
            let output = self.output(&name.0, record)?;
            outputs.insert(text(name), output);
        }
        Ok(outputs)
    }

    fn output(&self, name: &str, record: OutputRecord<'_>) -> Result<OutputValue, Diagnostic> {
        let json = |raw: Option<&RawValue>| {
            serde_json::from_str::<serde_json::Value>(raw.map_or("null", RawValue::get))
                .map_err(|_| self.invalid(format!("output {name:?} is nested too deeply")))
        };
        let wrong = |error: json::JsonError| self.invalid(format!("output {name:?}: {}", error.0));
        let ty = match record.ty {
            Some(ty) => json::type_from_json(&json(Some(ty))?).map_err(wrong)?,
            None => Type::Dynamic,
        };
        let value = json::from_json(&json(record.value)?, &ty).map_err(wrong)?;
        let sensitive = record.sensitive.unwrap_or_default();
        Ok(OutputValue {
            value: if sensitive {
                value.with_marks(Marks::SENSITIVE)
            } else {
                value
            },
            ty,
            sensitive,
            rest: self.rest(record.rest),
        })
    }

    fn named<'a>(&self, value: Option<Str<'a>>, key: &str) -> Result<Str<'a>, Diagnostic> {
        value
            .filter(|text| !text.0.is_empty())
            .ok_or_else(|| self.invalid(format!("a resource has no {key}")))
    }

    fn resource(
        &self,
        record: ResourceRecord<'_>,
        last: &mut Last,
    ) -> Result<(ResourceAddr, Arc<ResourceState>), Diagnostic> {
        let mode = match record.mode.as_ref().map(|mode| &*mode.0) {
            Some("managed") => Mode::Managed,
            Some("data") => Mode::Data,
            _ => return Err(self.invalid("a resource has a mode that is neither \"managed\" nor \"data\"")),
        };
        let ty = last.ty(&self.named(record.ty, "type")?.0);
        let name = text(self.named(record.name, "name")?);
        // Nobody could name it: neither users nor a journal.
        if !is_name(&ty) || !is_name(&name) {
            return Err(self.invalid(format!("{ty}.{name} is not an address of a resource")));
        }
        let module = last.module(record.module.as_ref().map_or("", |module| &*module.0));
        let module = module
            .ok_or_else(|| self.invalid(format!("{ty}.{name} is in a module with an invalid address")))?;
        let address = ResourceAddr {
            module,
            resource: ResourceName { mode, ty, name },
        };
        let provider = last.provider(&self.named(record.provider, "provider")?.0);
        let provider = provider.ok_or_else(|| self.invalid(format!("{address} has an invalid provider")))?;
        let mut instances: BTreeMap<InstanceKey, Instances> = BTreeMap::new();
        for record in record.instances.into_iter().flat_map(|few| few.0) {
            self.instance(&address, record, &mut instances)?;
        }
        let rest = self.rest(record.rest);
        Ok((
            address,
            Arc::new(ResourceState {
                provider,
                instances,
                rest,
            }),
        ))
    }

    fn instance(
        &self,
        resource: &ResourceAddr,
        mut record: InstanceRecord<'_>,
        instances: &mut BTreeMap<InstanceKey, Instances>,
    ) -> Result<(), Diagnostic> {
        let key = self.instance_key(record.index_key.take(), resource)?;
        let deposed = record.deposed.take().filter(|key| !key.0.is_empty());
        let object = self
            .object(record)
            .map_err(|error| error.about(&resource.instance(key.clone())))?;
        let there = instances.entry(key.clone()).or_default();
        let twice = match deposed {
            None => there.current.replace(object.into()),
            Some(deposed) if deposed.0.len() == 8 => there.deposed.insert(text(deposed), object.into()),
            Some(_) => {
                let address = resource.instance(key);
                return Err(self.invalid(format!(
                    "{address} has a deposed object whose key is not 8 characters long"
                )));
            }
        };
        if twice.is_some() {
            let address = resource.instance(key);
            return Err(self.invalid(format!("{address} is there twice")));
        }
        Ok(())
    }

    fn instance_key(
        &self,
        raw: Option<&RawValue>,
        resource: &ResourceAddr,
    ) -> Result<InstanceKey, Diagnostic> {
        let Some(raw) = raw.map(RawValue::get) else {
            return Ok(InstanceKey::None);
        };
        if raw.starts_with('"')
            && let Ok(key) = serde_json::from_str::<String>(raw)
        {
            return Ok(InstanceKey::Text(key.into()));
        }
        let number = raw.parse().map(InstanceKey::Number);
        number.map_err(|_| {
            self.invalid(format!(
                "{resource} has an instance whose key is neither text nor a whole number"
            ))
        })
    }

    fn object(&self, record: InstanceRecord<'_>) -> Result<Object, Diagnostic> {
        let status = match record.status.as_ref().map_or("", |status| &*status.0) {
            "" => Status::Ready,
            "tainted" => Status::Tainted,
            _ => return Err(self.invalid("an object has a status that is not \"tainted\"")),
        };
        let on_destroy = record.on_destroy.as_ref().map_or("", |word| &*word.0);
        let on_destroy = match on_destroy {
            "" => OnDestroy::Schedule,
            word => OnDestroy::of_word(word).ok_or_else(|| {
                self.invalid(
                    "an object has an on_destroy that is not \"schedule\", \"disable\" or \"retain\"",
                )
            })?,
        };
        let paths = record.sensitive_attributes.map_or("[]", RawValue::get);
        Ok(Object {
            attributes: record.attributes.map(|raw| self.raw(raw)),
            attributes_flat: record.attributes_flat.map(|raw| self.raw(raw)),
            schema_version: self.number(record.schema_version, "a schema version")?,
            status,
            sensitive_paths: self.paths(paths)?,
            sensitive_within: match record.sensitive_within {
                Some(raw) => path::read(raw.get()).map_err(|why| self.invalid(why))?.into(),
                None => Arc::default(),
            },
            withheld: match record.withheld {
                Some(raw) => withheld(raw.get()).map_err(|why| self.invalid(why))?,
                None => Arc::default(),
            },
            private: record.private.map(text),
            dependencies: match record.dependencies {
                Some(raw) => Dependencies::read(self.raw(raw))
                    .ok_or_else(|| self.invalid("what an object depends on is no list of addresses"))?,
                None => Dependencies::default(),
            },
            create_before_destroy: record.create_before_destroy.unwrap_or_default(),
            incomplete: record.incomplete.unwrap_or_default(),
            guard: Guard {
                prevent_destroy: record.prevent_destroy.unwrap_or_default(),
                on_destroy,
            },
            provider_key: record.provider_key.map(text),
            identity_schema_version: match record.identity_schema_version {
                Some(version) => Some(self.number(Some(version), "an identity schema version")?),
                None => None,
            },
            identity: record.identity.map(|raw| self.raw(raw)),
            rest: self.rest(record.rest),
        })
    }

    fn paths(&self, text: &str) -> Result<Arc<[Path]>, Diagnostic> {
        let mut last = self.paths.borrow_mut();
        if last.0 != text {
            let paths = path::read(text).map_err(|why| self.invalid(why))?;
            *last = (text.to_owned(), paths.into());
        }
        Ok(last.1.clone())
    }

    fn check_result(&self, record: CheckRecord<'_>) -> CheckResult {
        let objects = record.objects.map(|objects| {
            let read = |object| self.check_object(object);
            objects.into_iter().map(read).collect()
        });
        CheckResult {
            kind: record.kind.map(text).unwrap_or_default(),
            config_addr: record.config_addr.map(text).unwrap_or_default(),
            status: record.status.map(text).unwrap_or_default(),
            objects,
            rest: self.rest(record.rest),
        }
    }

    fn check_object(&self, record: CheckObjectRecord<'_>) -> CheckObject {
        CheckObject {
            address: record.address.map(text).unwrap_or_default(),
            status: record.status.map(text).unwrap_or_default(),
            failure_messages: record.failure_messages.into_iter().flatten().map(text).collect(),
            rest: self.rest(record.rest),
        }
    }
}

fn text(text: Str<'_>) -> Text {
    Text::from(text.0)
}

/// The names met last: neighbours in a file share theirs.
#[derive(Default)]
struct Last {
    ty: Option<Text>,
    module: Option<(String, ModulePath)>,
    provider: Option<(String, ProviderConfig)>,
}

impl Last {
    fn ty(&mut self, name: &str) -> Text {
        match &self.ty {
            Some(last) if **last == *name => last.clone(),
            _ => self.ty.insert(name.into()).clone(),
        }
    }

    fn module(&mut self, address: &str) -> Option<ModulePath> {
        if address.is_empty() {
            return Some(ModulePath::root());
        }
        if let Some((last, path)) = &self.module
            && last == address
        {
            return Some(path.clone());
        }
        let Ok(Target::Module(path)) = parse_target(address) else {
            return None;
        };
        self.module = Some((address.to_owned(), path.clone()));
        Some(path)
    }

    fn provider(&mut self, address: &str) -> Option<ProviderConfig> {
        if let Some((last, provider)) = &self.provider
            && last == address
        {
            return Some(provider.clone());
        }
        let provider = ProviderConfig::parse(address)?;
        self.provider = Some((address.to_owned(), provider.clone()));
        Some(provider)
    }
}
