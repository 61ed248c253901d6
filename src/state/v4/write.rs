//! Writing version 4. Attributes that stand as they should are copied, not written anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{VERSION, path};
use crate::addr::{InstanceAddr, InstanceKey, OnDestroy, ProviderConfig, ResourceAddr};
use crate::state::raw::{Layout, lay_out, push_string};
use crate::state::{
    CheckObject, CheckResult, Object, OutputValue, Raw, ResourceState, Rest, Secrets, State, Status,
    TERRAFORM_VERSION, Withheld,
};
use crate::value::{Path, Text, json};

/// The text of a state file.
pub fn write(state: &State) -> String {
    let mut head = Writer::new(0);
    head.open('{');
    head.key("version");
    head.out.push_str(&VERSION.to_string());
    head.text("terraform_version", TERRAFORM_VERSION);
    head.key("serial");
    head.out.push_str(&state.serial.to_string());
    head.text("lineage", &state.lineage);
    head.out.push_str(",\n");
    body(state, head.out)
}

/// What follows after the head of a state file: all that counts as content.
pub fn write_body(state: &State) -> String {
    body(state, String::new())
}

fn body(state: &State, out: String) -> String {
    let mut writer = Writer {
        out,
        secrets: Some(&state.secrets),
        ..Writer::new(1)
    };
    let resources = sorted(state);
    let size = |object: &Object| 300 + object.attributes.as_ref().map_or(0, |raw| raw.as_str().len());
    let instances = resources
        .iter()
        .flat_map(|(_, _, resource)| resource.instances.values());
    let objects = instances.flat_map(|instances| instances.objects().map(|(_, object)| size(object)));
    writer.out.reserve(200 * resources.len() + objects.sum::<usize>());
    writer.out.push_str("  \"outputs\": ");
    writer.object(state.outputs.iter(), Writer::output);
    writer.key("resources");
    writer.list(
        sorted(state).into_iter(),
        |writer, (module, address, resource)| {
            writer.resource(&module, address, resource);
        },
    );
    writer.key("check_results");
    match &state.check_results {
        None => writer.out.push_str("null"),
        Some(results) => {
            let mut results: Vec<_> = results.iter().collect();
            results.sort_by(|a, b| (&a.kind, &a.config_addr).cmp(&(&b.kind, &b.config_addr)));
            writer.list(results.into_iter(), Writer::check_result);
        }
    }
    writer.rest(&state.rest);
    writer.close('}');
    writer.out.push('\n');
    writer.out
}

/// An object as one line of JSON, without its instance key. Its address is what digests of secrets are salted with.
pub fn write_object(object: &Object, address: &InstanceAddr, secrets: &Secrets) -> String {
    let mut writer = Writer {
        secrets: Some(secrets),
        ..Writer::new(0)
    };
    writer.open('{');
    writer.members(object, address);
    writer.close('}');
    let mut line = String::new();
    lay_out(&writer.out, Layout::Compact, &mut line);
    line
}

/// Outputs as one line of JSON.
pub fn write_outputs(outputs: &BTreeMap<Text, OutputValue>) -> String {
    let mut writer = Writer::new(0);
    writer.object(outputs.iter(), Writer::output);
    let mut line = String::new();
    lay_out(&writer.out, Layout::Compact, &mut line);
    line
}

/// The resources by module as text, mode, type and name.
fn sorted(state: &State) -> Vec<(String, &ResourceAddr, &ResourceState)> {
    let mut all: Vec<_> = state
        .resources
        .iter()
        .map(|(address, resource)| (address.module.to_string(), address, &**resource))
        .collect();
    // The map has them in this order already within one module, and the sort is stable.
    if all.last().is_some_and(|(module, ..)| !module.is_empty()) {
        all.sort_by(|a, b| a.0.cmp(&b.0));
    }
    all
}

/// A text under way, and how deep it stands.
struct Writer<'s> {
    out: String,
    secrets: Option<&'s Secrets>,
    level: usize,
    /// Nothing was written yet at this level.
    first: bool,
    /// The sensitive paths written last, and how they look: objects of one type mostly have the same.
    last_paths: Option<(Arc<[Path]>, usize, String)>,
    last_provider: Option<(ProviderConfig, String)>,
}

impl Writer<'_> {
    fn new(level: usize) -> Self {
        Self {
            out: String::new(),
            secrets: None,
            level,
            first: false,
            last_paths: None,
            last_provider: None,
        }
    }

    fn open(&mut self, mark: char) {
        self.out.push(mark);
        self.level += 1;
        self.first = true;
    }

    fn close(&mut self, mark: char) {
        self.level -= 1;
        if !self.first {
            self.newline();
        }
        self.out.push(mark);
        self.first = false;
    }

    fn newline(&mut self) {
        const SPACES: &str = "                ";
        self.out.push('\n');
        self.out.push_str(&SPACES[..self.level * 2]);
    }

    /// Goes to the place of the next item.
    fn next(&mut self) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.newline();
    }

    /// A key of ours: nothing in it needs an escape.
    fn key(&mut self, name: &'static str) {
        self.next();
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\": ");
    }

    /// A key from outside.
    fn foreign_key(&mut self, name: &str) {
        self.next();
        push_string(name, &mut self.out);
        self.out.push_str(": ");
    }

    fn text(&mut self, name: &'static str, text: &str) {
        self.key(name);
        push_string(text, &mut self.out);
    }

    fn number(&mut self, name: &'static str, number: u64) {
        self.key(name);
        self.out.push_str(&number.to_string());
    }

    fn json(&mut self, name: &'static str, json: &str) {
        self.key(name);
        lay_out(json, Layout::Indented(self.level), &mut self.out);
    }

    fn rest(&mut self, rest: &Rest) {
        for (name, raw) in rest {
            self.foreign_key(name);
            raw.write(Layout::Indented(self.level), &mut self.out);
        }
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, item: impl Fn(&mut Self, T)) {
        self.open('[');
        for each in items {
            self.next();
            item(self, each);
        }
        self.close(']');
    }

    fn object<'a, T: 'a>(
        &mut self,
        items: impl Iterator<Item = (&'a Text, &'a T)>,
        item: impl Fn(&mut Self, &T),
    ) {
        self.open('{');
        for (name, each) in items {
            self.foreign_key(name);
            item(self, each);
        }
        self.close('}');
    }

    #[expect(clippy::disallowed_methods, reason = "the state records outputs whole")]
    fn output(&mut self, output: &OutputValue) {
        self.open('{');
        // By the type of the value itself nothing is wrapped: the type stands beside it.
        self.json(
            "value",
            &json::to_json(&output.value.reveal(), &output.ty).to_string(),
        );
        self.json("type", &json::type_to_json(&output.ty).to_string());
        if output.sensitive {
            self.key("sensitive");
            self.out.push_str("true");
        }
        self.rest(&output.rest);
        self.close('}');
    }

    fn resource(&mut self, module: &str, address: &ResourceAddr, resource: &ResourceState) {
        self.open('{');
        if !module.is_empty() {
            self.text("module", module);
        }
        self.text("mode", address.resource.mode.word());
        self.text("type", &address.resource.ty);
        self.text("name", &address.resource.name);
        self.provider(&resource.provider);
        self.key("instances");
        let instances = resource.instances.iter().flat_map(|(key, instances)| {
            instances
                .objects()
                .map(move |(deposed, object)| (key, deposed, object))
        });
        self.list(instances, |writer, (key, deposed, object)| {
            writer.instance(&address.instance(key.clone()), deposed, object);
        });
        self.rest(&resource.rest);
        self.close('}');
    }

    fn provider(&mut self, provider: &ProviderConfig) {
        let last = self.last_provider.take().filter(|(last, _)| last == provider);
        let (provider, text) = last.unwrap_or_else(|| (provider.clone(), provider.to_string()));
        self.text("provider", &text);
        self.last_provider = Some((provider, text));
    }

    fn instance(&mut self, address: &InstanceAddr, deposed: Option<&Text>, object: &Object) {
        self.open('{');
        match &address.key {
            InstanceKey::None => {}
            InstanceKey::Number(number) => self.number("index_key", *number),
            InstanceKey::Text(text) => self.text("index_key", text),
        }
        if object.status == Status::Tainted {
            self.text("status", "tainted");
        }
        if let Some(deposed) = deposed {
            self.text("deposed", deposed);
        }
        self.recorded(object, address);
        self.close('}');
    }

    /// All of an object that a line of its own needs.
    fn members(&mut self, object: &Object, address: &InstanceAddr) {
        if object.status == Status::Tainted {
            self.text("status", "tainted");
        }
        self.recorded(object, address);
    }

    fn recorded(&mut self, object: &Object, address: &InstanceAddr) {
        self.number("schema_version", object.schema_version);
        let without = self.secrets.and_then(|secrets| secrets.without(object, address));
        let (attributes, withheld) = match without {
            Some((text, withheld)) => (Some(Raw::new(text)), withheld),
            None => (object.attributes.clone(), Vec::new()),
        };
        for (name, raw) in [
            ("attributes", &attributes),
            ("attributes_flat", &object.attributes_flat),
        ] {
            if let Some(raw) = raw {
                self.key(name);
                raw.write(Layout::Indented(self.level), &mut self.out);
            }
        }
        self.key("sensitive_attributes");
        self.paths(&object.sensitive_paths);
        if !object.sensitive_within.is_empty() {
            self.key("sensitive_within");
            self.paths(&object.sensitive_within);
        }
        self.withheld(&withheld);
        if let Some(version) = object.identity_schema_version {
            self.number("identity_schema_version", version);
        }
        if let Some(identity) = &object.identity {
            self.key("identity");
            identity.write(Layout::Indented(self.level), &mut self.out);
        }
        if let Some(private) = object.private.as_ref().filter(|text| !text.is_empty()) {
            self.text("private", private);
        }
        self.dependencies(&object.dependencies);
        if object.create_before_destroy {
            self.key("create_before_destroy");
            self.out.push_str("true");
        }
        if object.incomplete {
            self.key("incomplete");
            self.out.push_str("true");
        }
        if object.guard.prevent_destroy {
            self.key("prevent_destroy");
            self.out.push_str("true");
        }
        if object.guard.on_destroy != OnDestroy::Schedule {
            self.text("on_destroy", object.guard.on_destroy.word());
        }
        if let Some(key) = &object.provider_key {
            self.text("provider_key", key);
        }
        self.rest(&object.rest);
    }

    fn paths(&mut self, paths: &Arc<[Path]>) {
        if paths.is_empty() {
            self.out.push_str("[]");
            return;
        }
        if let Some((last, level, text)) = &self.last_paths
            && Arc::ptr_eq(last, paths)
            && *level == self.level
        {
            self.out.push_str(text);
            return;
        }
        let (mut list, mut text) = (String::new(), String::new());
        path::write(paths, &mut list);
        lay_out(&list, Layout::Indented(self.level), &mut text);
        self.out.push_str(&text);
        self.last_paths = Some((paths.clone(), self.level, text));
    }

    /// What is left out of the attributes, with the digests by which it is known again.
    fn withheld(&mut self, withheld: &[Withheld]) {
        if withheld.is_empty() {
            return;
        }
        self.key("withheld");
        self.list(withheld.iter(), |writer, one| {
            writer.open('{');
            writer.key("path");
            let (mut path, mut text) = (String::new(), String::new());
            path::write_one(&one.path, &mut path);
            lay_out(&path, Layout::Indented(writer.level), &mut text);
            writer.out.push_str(&text);
            if let Some(digest) = &one.digest {
                writer.text("digest", digest);
            }
            writer.close('}');
        });
    }

    fn dependencies(&mut self, dependencies: &[Text]) {
        if dependencies.is_empty() {
            return;
        }
        self.key("dependencies");
        let write = |writer: &mut Self, text: &Text| push_string(text, &mut writer.out);
        if dependencies.is_sorted_by(|a, b| a < b) {
            return self.list(dependencies.iter(), write);
        }
        let mut sorted: Vec<&Text> = dependencies.iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        self.list(sorted.into_iter(), write);
    }

    fn check_result(&mut self, result: &CheckResult) {
        self.open('{');
        self.text("object_kind", &result.kind);
        self.text("config_addr", &result.config_addr);
        self.text("status", &result.status);
        self.key("objects");
        match &result.objects {
            None => self.out.push_str("null"),
            Some(objects) => {
                let mut objects: Vec<_> = objects.iter().collect();
                objects.sort_by(|a, b| a.address.cmp(&b.address));
                self.list(objects.into_iter(), Self::check_object);
            }
        }
        self.rest(&result.rest);
        self.close('}');
    }

    fn check_object(&mut self, object: &CheckObject) {
        self.open('{');
        self.text("object_addr", &object.address);
        self.text("status", &object.status);
        if !object.failure_messages.is_empty() {
            self.key("failure_messages");
            let messages = object.failure_messages.iter();
            self.list(messages, |writer, text| push_string(text, &mut writer.out));
        }
        self.rest(&object.rest);
        self.close('}');
    }
}
