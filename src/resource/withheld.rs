//! Secrets that a state does not hold: which ones they are, and how they come back into a recorded object.
//!
//! A recorded object has null in their place. What is there now, or what the configuration says, comes in its stead
//! where its digest is the recorded one; where it is another one, a text that nobody wrote shows the difference.

use crate::addr::Mode;
use crate::diag::Diagnostic;
use crate::lang::spec::{AttributeSpec, BlockSpec, NestedSpec};
use crate::schema::ResourceType;
use crate::state::{Object, Secrets, Withheld};
use crate::value::{Marks, Path, Step, Type, Value, path};

/// What stands for a secret of which only is known that it was another one.
const ANOTHER: &str = "(a value that is not kept in the state)";

/// A recorded object with its secrets, as far as they are known.
pub struct Filled {
    pub value: Value,
    /// Nothing is missing any more.
    pub whole: bool,
    /// Those of which nobody can tell whether they are still the same, for want of the key of their digests.
    pub untold: Vec<Path>,
}

/// Records a wholly known object, and notes which secrets the state need not hold.
///
/// What stands for a secret that is not known is none: nothing is recorded in its place, so that the digest stays that
/// was recorded before.
pub fn record(ty: &ResourceType, value: &Value, object_type: &Type) -> Result<Object, Diagnostic> {
    let paths: Vec<Path> = paths(ty, value).collect();
    let is_another = |path: &&Path| known(value, path).is_some_and(|part| part.unmark_deep().0 == another());
    let nothing = Value::null(Type::String);
    let known = paths
        .iter()
        .filter(is_another)
        .fold(value.clone(), |value, path| with_part(&value, path, &nothing));
    let withheld = paths.into_iter().map(|path| Withheld { path, digest: None });
    Object::new(&known, object_type, ty.version, withheld.collect())
}

/// The secrets of an object of which somebody else keeps the value: the cloud, or who wrote the configuration.
pub fn paths(ty: &ResourceType, value: &Value) -> impl Iterator<Item = Path> {
    let mut paths = Vec::new();
    if ty.spec.has_sensitive() {
        let (plain, _) = value.unmark_deep();
        collect(&plain, &ty.spec, ty.mode, &mut Path::new(), &mut paths);
    }
    if ty.mode == Mode::Data {
        collect_told(value, &ty.spec, &mut paths);
    }
    paths.into_iter()
}

/// What a data source was told in secret, at any depth: parts that its answers marked, in what nobody wrote.
fn collect_told(value: &Value, spec: &BlockSpec, found: &mut Vec<Path>) {
    for path in path::marked_paths(value, Marks::SENSITIVE) {
        let is_told = matches!(path.first(), Some(Step::Attribute(name))
            if spec.attributes.get(name).is_some_and(|one| one.computed && !one.optional));
        let is_new = !found.iter().any(|outer| path.starts_with(outer));
        if is_told && is_new && path::get(value, &path).is_some_and(|part| !part.is_null()) {
            found.push(path);
        }
    }
}

fn collect(value: &Value, spec: &BlockSpec, mode: Mode, at: &mut Path, found: &mut Vec<Path>) {
    for (name, part) in value.as_entries().into_iter().flatten() {
        at.push(Step::Attribute(name.clone()));
        if spec
            .attributes
            .get(name)
            .is_some_and(|one| is_withheld(one, mode))
        {
            if !part.is_null() {
                found.push(at.clone());
            }
        } else if let Some(nested) = spec.blocks.get(name).filter(|one| one.spec.has_sensitive()) {
            collect_blocks(part, nested, mode, at, found);
        }
        at.pop();
    }
}

/// What a data source has read is read again; of objects only what was written is known elsewhere.
fn is_withheld(attribute: &AttributeSpec, mode: Mode) -> bool {
    let written = (attribute.required || attribute.optional) && !attribute.computed;
    let is_text = attribute.ty.ty == Type::String;
    attribute.sensitive && !attribute.write_only && (mode == Mode::Data || written && is_text)
}

fn collect_blocks(value: &Value, nested: &NestedSpec, mode: Mode, at: &mut Path, found: &mut Vec<Path>) {
    if value.as_entries().is_some() {
        collect(value, &nested.spec, mode, at, found);
        return;
    }
    for (index, item) in value.as_items().unwrap_or_default().iter().enumerate() {
        at.push(Step::index(index));
        collect(item, &nested.spec, mode, at, found);
        at.pop();
    }
}

/// What a recorded object lacks, from what was seen of it. Parts that are never read back stay null.
pub fn fill_seen(prior: &Value, seen: &Value, object: &Object, secrets: &Secrets) -> Value {
    fill(prior, object, |one| match known(seen, &one.path) {
        Some(now) if secrets.is_that(one, &now) == Some(false) => Some(another()),
        now => now,
    })
}

/// What a recorded object lacks, from what the configuration says.
pub fn fill_written(prior: &Value, config: &Value, object: &Object, secrets: &Secrets) -> Filled {
    let (mut untold, mut whole) = (Vec::new(), true);
    let mut changed = || {
        whole = false;
        Some(another())
    };
    let value = fill(prior, object, |one| match known(config, &one.path) {
        None => changed(),
        Some(now) => match secrets.is_that(one, &now) {
            Some(true) => Some(now),
            Some(false) => changed(),
            None => {
                untold.push(one.path.clone());
                Some(now)
            }
        },
    });
    Filled {
        value,
        whole: whole && untold.is_empty(),
        untold,
    }
}

/// What a recorded object lacks, from itself at another time.
pub fn fill_from(prior: &Value, before: &Value, object: &Object) -> Value {
    fill(prior, object, |one| known(before, &one.path))
}

/// A recorded object in which what the state does not hold is unknown: nobody may take it for null.
pub fn unknown(recorded: &Value, object: &Object) -> Value {
    let ty = |one: &Withheld| path::get(recorded, &one.path).map(|part| part.ty());
    fill(recorded, object, |one| ty(one).map(Value::unknown))
}

/// Where changes of a secret are ignored that the state does not hold, it counts as what is written.
pub fn fill_ignored(prior: &Value, wished: &Value, config: &Value, object: &Object) -> (Value, Value) {
    let is_ignored = |one: &Withheld| known(wished, &one.path).is_some_and(|now| now == another());
    let mut both = (prior.clone(), wished.clone());
    for one in object.withheld.iter().filter(|one| is_ignored(one)) {
        let written = known(config, &one.path).unwrap_or_else(|| Value::null(Type::String));
        both.0 = with_part(&both.0, &one.path, &written);
        both.1 = with_part(&both.1, &one.path, &written);
    }
    both
}

/// What an object that is recorded anew is known not to hold, because it was not read back.
pub fn still_withheld(object: &mut Object, old: &Object, value: &Value) {
    let missing = |one: &&Withheld| path::get(value, &one.path).is_some_and(|part| part.is_null());
    let missing: Vec<Withheld> = old.withheld.iter().filter(missing).cloned().collect();
    if !missing.is_empty() {
        object.withheld = object.withheld.iter().cloned().chain(missing).collect();
    }
}

fn fill(prior: &Value, object: &Object, mut find: impl FnMut(&Withheld) -> Option<Value>) -> Value {
    let lacking = object
        .withheld
        .iter()
        .filter(|one| path::get(prior, &one.path).is_some_and(|part| part.is_null()));
    lacking.fold(prior.clone(), |value, one| match find(one) {
        Some(part) => with_part(&value, &one.path, &part),
        None => value,
    })
}

/// The part at a path, where it is known and there.
fn known(value: &Value, at: &Path) -> Option<Value> {
    path::get(value, at).filter(|part| part.is_wholly_known() && !part.is_null())
}

fn another() -> Value {
    Value::from(ANOTHER)
}

fn with_part(value: &Value, at: &Path, part: &Value) -> Value {
    let secret = part.unmark_deep().0.with_marks(Marks::SENSITIVE);
    path::map_deep(value, &mut |path, old| {
        if path == at { secret.clone() } else { old }
    })
}
