//! One recorded object.

use std::fmt;
use std::sync::Arc;

use super::Rest;
use super::dependencies::Dependencies;
use super::raw::{self, Raw};
use super::secrets::Withheld;
use crate::addr::OnDestroy;
use crate::diag::Diagnostic;
use crate::value::{Data, Marks, Path, Step, Text, Type, Value, document, json};

/// How deep values may be nested: readers of state files give up a little later.
const DEPTH: usize = 100;

/// The remote thing as recorded. Its attributes are decoded by whoever knows their type.
#[derive(Clone)]
pub struct Object {
    /// A JSON object; missing in files that hold only the old flat form.
    pub attributes: Option<Raw>,
    /// The attributes in the form of Terraform 0.11, if that is all there is.
    pub attributes_flat: Option<Raw>,
    pub schema_version: u64,
    pub status: Status,
    /// The parts of the value that are sensitive.
    pub sensitive_paths: Arc<[Path]>,
    /// Of those that are JSON texts of which only parts are sensitive, the parts: each path leads to the text and on
    /// inside.
    pub sensitive_within: Arc<[Path]>,
    /// The secrets among them that are not written into the state, or were not when it was read.
    pub withheld: Arc<[Withheld]>,
    /// What a provider keeps for itself, in base64.
    pub private: Option<Text>,
    pub dependencies: Dependencies,
    pub create_before_destroy: bool,
    /// It exists, and the run that made it ended before it was as planned: the next one goes on with it.
    pub incomplete: bool,
    pub guard: Guard,
    /// Which of the configurations that the provider's block makes with `for_each` serves it.
    pub provider_key: Option<Text>,
    pub identity_schema_version: Option<u64>,
    pub identity: Option<Raw>,
    pub rest: Rest,
}

/// What the lifecycle of its block says about the end of an object. It holds on the day on which the block is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// It must not be destroyed.
    pub prevent_destroy: bool,
    pub on_destroy: OnDestroy,
}

/// Whether an object may stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    #[default]
    Ready,
    /// To be replaced at the next apply.
    Tainted,
}

impl Object {
    /// Records a wholly known value of a resource type; what is marked sensitive in it is noted beside it. `withheld` are
    /// the secrets that the state need not hold: `resource::record` finds them.
    #[expect(
        clippy::disallowed_methods,
        reason = "the state records objects whole, with what is sensitive beside them"
    )]
    pub fn new(
        value: &Value,
        ty: &Type,
        schema_version: u64,
        withheld: Arc<[Withheld]>,
    ) -> Result<Self, Diagnostic> {
        let text = json::to_json(&value.reveal(), ty).to_string();
        if raw::is_deeper(&text, DEPTH) {
            return Err(too_deep());
        }
        let mut found = SensitivePaths::default();
        collect_sensitive(value, &mut Vec::new(), &mut found);
        Ok(Self {
            attributes: Some(Raw::new(text)),
            schema_version,
            sensitive_paths: found.paths.into(),
            sensitive_within: found.within.into(),
            withheld,
            ..Self::empty()
        })
    }

    /// An object of which nothing is known.
    pub(super) fn empty() -> Self {
        Self {
            attributes: None,
            attributes_flat: None,
            schema_version: 0,
            status: Status::Ready,
            sensitive_paths: Arc::default(),
            sensitive_within: Arc::default(),
            withheld: Arc::default(),
            private: None,
            dependencies: Dependencies::default(),
            create_before_destroy: false,
            incomplete: false,
            guard: Guard::default(),
            provider_key: None,
            identity_schema_version: None,
            identity: None,
            rest: Rest::new(),
        }
    }

    /// The attributes as a value of the type, sensitive parts marked.
    pub fn value(&self, ty: &Type) -> Result<Value, Diagnostic> {
        let text = self.shallow_attributes()?.as_str();
        let value = json::from_json_text(text, ty).map_err(|error| {
            Diagnostic::error(
                "Recorded object does not fit its type",
                format!(
                    "The attributes in the state do not fit the resource type: {}.",
                    error.0
                ),
            )
        })?;
        Ok(self
            .sensitive_paths
            .iter()
            .fold(value, |value, path| mark(&value, path)))
    }

    /// The attributes as an object of the type, marks aside, where they need no adapting: see
    /// [`json::object_from_json_text`].
    pub fn decoded(&self, ty: &Type) -> Option<Value> {
        let text = self.attributes.as_ref()?.as_str();
        (!raw::is_deeper(text, DEPTH))
            .then(|| json::object_from_json_text(text, ty))
            .flatten()
    }

    /// The attributes as JSON, for whoever must adapt those of an older schema version first.
    pub fn attributes_json(&self) -> Result<serde_json::Value, Diagnostic> {
        let attributes = self.shallow_attributes()?;
        serde_json::from_str(attributes.as_str()).map_err(|error| {
            let place = (error.line(), error.column());
            Diagnostic::error(
                "Invalid attributes in the state",
                format!(
                    "The recorded attributes cannot be read (line {}, column {} of them).",
                    place.0, place.1
                ),
            )
        })
    }

    /// The attributes, which are nested no deeper than readers go.
    fn shallow_attributes(&self) -> Result<&Raw, Diagnostic> {
        let Some(attributes) = &self.attributes else {
            return Err(Diagnostic::error(
                "Recorded object has no attributes",
                "The state holds this object only in the flat form of Terraform 0.11. Apply the configuration once with Terraform 1.11, then try again.",
            ));
        };
        if raw::is_deeper(attributes.as_str(), DEPTH) {
            return Err(too_deep());
        }
        Ok(attributes)
    }

    /// One attribute that is plain text, without decoding the rest by type: `id`, `arn`.
    pub fn text_attribute(&self, name: &str) -> Option<String> {
        let json = self.attributes_json().ok()?;
        json.get(name)?.as_str().map(str::to_owned)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("attributes", &self.attributes)
            .field("schema_version", &self.schema_version)
            .field("status", &self.status)
            .field("dependencies", &self.dependencies)
            .finish_non_exhaustive()
    }
}

fn too_deep() -> Diagnostic {
    Diagnostic::error(
        "Value nested too deeply",
        format!("An object in the state nests its values more than {DEPTH} levels deep."),
    )
}

/// See [`Object`].
#[derive(Default)]
struct SensitivePaths {
    paths: Vec<Path>,
    within: Vec<Path>,
}

fn collect_sensitive(value: &Value, at: &mut Path, found: &mut SensitivePaths) {
    if value.is_sensitive() {
        found.paths.push(at.clone());
        let inside = document::open(value).map_or_else(Vec::new, |(_, paths)| paths);
        let joined = inside
            .into_iter()
            .map(|path| at.iter().cloned().chain(path).collect());
        found.within.extend(joined);
        return;
    }
    let mut visit = |step: Step, child: &Value| {
        at.push(step);
        collect_sensitive(child, at, found);
        at.pop();
    };
    match value.data() {
        Data::Object(attributes) => {
            for (name, child) in attributes.iter() {
                visit(Step::Attribute(name.clone()), child);
            }
        }
        Data::Map(map) => {
            for (key, child) in &map.items {
                visit(Step::Index(Value::text(key.clone())), child);
            }
        }
        Data::List(list) => {
            for (index, child) in (0..).zip(&list.items) {
                visit(Step::Index(Value::int(index)), child);
            }
        }
        Data::Tuple(items) => {
            for (index, child) in (0..).zip(items.iter()) {
                visit(Step::Index(Value::int(index)), child);
            }
        }
        Data::Null(_)
        | Data::Unknown(_)
        | Data::Bool(_)
        | Data::Number(_)
        | Data::String(_)
        | Data::Set(_) => {}
    }
}

/// The value with the part at the path marked sensitive. A way that leads through a set marks the set; one that
/// leads nowhere marks nothing.
fn mark(value: &Value, path: &[Step]) -> Value {
    let Some((step, rest)) = path.split_first() else {
        return value.clone().with_marks(Marks::SENSITIVE);
    };
    let marked = match (value.data(), step) {
        (Data::Set(_) | Data::Unknown(_), _) => return value.clone().with_marks(Marks::SENSITIVE),
        (Data::Object(attributes), Step::Attribute(name)) => {
            let mut attributes = (**attributes).clone();
            mark_entry(attributes.get_mut(name), rest);
            Value::object(attributes)
        }
        (Data::Map(map), step) => {
            let mut items = map.items.clone();
            let key = match step {
                Step::Attribute(name) => Some(name),
                Step::Index(key) => key.as_text(),
            };
            mark_entry(key.and_then(|key| items.get_mut(key)), rest);
            Value::map(map.element.clone(), items)
        }
        (Data::List(list), Step::Index(index)) => {
            let mut items = list.items.clone();
            mark_entry(position(index).and_then(|index| items.get_mut(index)), rest);
            Value::list(list.element.clone(), items)
        }
        (Data::Tuple(items), Step::Index(index)) => {
            let mut items = (**items).clone();
            mark_entry(position(index).and_then(|index| items.get_mut(index)), rest);
            Value::tuple(items)
        }
        _ => return value.clone(),
    };
    marked.with_marks(value.marks())
}

fn mark_entry(entry: Option<&mut Value>, rest: &[Step]) {
    if let Some(entry) = entry {
        *entry = mark(entry, rest);
    }
}

fn position(index: &Value) -> Option<usize> {
    usize::try_from(index.as_i64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Value {
        Value::from(text).with_marks(Marks::SENSITIVE)
    }

    #[track_caller]
    fn check(value: &Value, paths: usize) {
        let ty = value.ty();
        let object = Object::new(value, &ty, 0, Arc::default()).unwrap();
        assert_eq!(object.sensitive_paths.len(), paths);
        assert!(object.value(&ty).unwrap() == *value);
    }

    #[test]
    fn sensitive_parts_come_back_marked() {
        check(&Value::object_of([("a", secret("s")), ("b", Value::int(1))]), 1);
        check(
            &Value::object_of([
                (
                    "l",
                    Value::list(Type::String, vec![Value::from("x"), secret("y")]),
                ),
                ("t", Value::tuple(vec![secret("y"), Value::int(2)])),
                ("m", Value::map(Type::String, [("k".into(), secret("v"))].into())),
                (
                    "s",
                    Value::set(Type::String, vec![Value::from("x")]).with_marks(Marks::SENSITIVE),
                ),
            ]),
            4,
        );
    }

    #[test]
    fn a_value_too_deep_is_refused() {
        let deep = (0..DEPTH).fold(Value::int(1), |inner, _| Value::tuple(vec![inner]));
        let value = Value::object_of([("a", deep)]);
        assert!(Object::new(&value, &value.ty(), 0, Arc::default()).is_err());
    }
}
