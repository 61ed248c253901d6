//! Wish and prior object to change: pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostics, Result};
use crate::schema::{ForceNew, NestedBlock, ResourceType, names};
use crate::value::{Data, Path, Step, Text, Type, Value, raw_equal};

use super::scope::Names;
use super::{Action, Change, aliases, fill, marks, native, rules, same};

/// What is wished of an object.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub ty: &'static ResourceType,
    /// The decoded block: every attribute of the spec, null where it is not written.
    pub config: &'a Value,
    /// The object as it is; none when there is none, or when it is to be made anew.
    pub prior: Option<&'a Value>,
    /// What schema expressions see as `provider`.
    pub provider: &'a Value,
    /// The object is replaced whatever differs, because somebody asked for it.
    pub forced: bool,
}

/// The change that a wish needs.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// `NoOp`, `Create`, `Update`, or `Replace` with the paths that force it. For a replacement `after` is what an
    /// update would have led to: propose again without the prior object.
    pub change: Change,
    pub warnings: Diagnostics,
}

/// Works out the change. Broken rules of the schema are errors, all reported.
pub fn propose(wish: &Wish<'_>) -> Result<Proposal> {
    let ty = wish.ty;
    let prior = wish.prior.map(|prior| prior.unmark_deep().0);
    let mut problems = rules::written(ty, wish.config, prior.as_ref());
    if problems.has_errors() {
        return Err(problems);
    }
    if let Some(native) = native::find(ty) {
        return Ok(Proposal {
            change: native.plan(wish),
            warnings: problems,
        });
    }
    let names = Names::new(ty, wish.provider).with_prior(prior.as_ref());
    let draft = Draft {
        ty,
        prior: prior.as_ref(),
        names,
    };
    let stated = draft.stated(wish.config)?;
    let planned = draft.planned(&stated)?;
    let difference = draft.difference(&planned, &stated)?;
    let replacing = Value::bool(wish.forced || !difference.replace_paths.is_empty());
    let names = draft.names(&stated.object).with(names::REPLACING, replacing);
    problems.extend(rules::check(&ty.rules, &names)?);
    if problems.has_errors() {
        return Err(problems);
    }
    Ok(Proposal {
        change: draft.change(wish.prior, planned, difference),
        warnings: problems,
    })
}

/// What is wrong with a block before anything outside is known: no provider has been asked, and nobody knows
/// whether there is an object. Warnings too.
pub fn validate(ty: &'static ResourceType, config: &Value) -> Diagnostics {
    let mut problems = rules::written(ty, config, None);
    if !problems.has_errors() && native::find(ty).is_none() {
        let unknown = Value::dynamic();
        let names = Names::new(ty, &unknown)
            .with(names::PRIOR, unknown.clone())
            .with(names::REPLACING, unknown);
        let draft = Draft {
            ty,
            prior: None,
            names,
        };
        let found = draft.stated(config).and_then(|stated| {
            let mut object = stated.object;
            // What is recorded, if anything is, may stand in for what is not written.
            let chosen = ty
                .arguments
                .values()
                .filter(|one| one.computed || one.plan.is_some());
            for argument in chosen {
                if object.get(&argument.name).is_some_and(Value::is_null) {
                    object.insert(argument.name.clone(), Value::unknown(argument.ty.clone()));
                }
            }
            rules::check(&ty.rules, &draft.names(&object))
        });
        problems.extend(found.unwrap_or_else(|errors| errors));
    }
    problems
}

/// What a block of which parts are unknown until it is read means as an object: arguments as written or by
/// default, the rest unknown.
pub(super) fn unread(ty: &ResourceType, config: &Value) -> Value {
    let Some(mut object) = config.as_entries().cloned() else {
        return config.clone();
    };
    for argument in ty.arguments.values() {
        let Some(written) = object.get(&argument.name) else {
            continue;
        };
        let value = fill::argument(argument, written, None);
        let open = value.is_null() && (argument.computed || argument.plan.is_some());
        object.insert(
            argument.name.clone(),
            if open {
                Value::unknown(argument.ty.clone())
            } else {
                value
            },
        );
    }
    for name in read_only(ty) {
        object.insert(name.clone(), fill::read_only(ty, name, None));
    }
    marks::by_schema(&Value::object(object), &ty.spec)
}

/// The names of the spec's attributes that users cannot write.
fn read_only(ty: &ResourceType) -> impl Iterator<Item = &Text> {
    ty.spec
        .attributes
        .keys()
        .filter(|name| !ty.arguments.contains_key(&***name))
}

/// An object in the making.
type Parts = BTreeMap<Text, Value>;

/// What works out one object.
struct Draft<'a> {
    ty: &'a ResourceType,
    /// Without marks.
    prior: Option<&'a Value>,
    /// `provider` and `prior`.
    names: Names<'a>,
}

/// The wish with everything in it that follows from the configuration and the recorded object.
struct Stated {
    /// What the cloud will choose is null here.
    object: Parts,
    /// What the configuration itself writes, under its proper name.
    written: BTreeSet<Text>,
}

/// How the planned object differs from the recorded one.
struct Difference {
    changed: bool,
    replace_paths: Vec<Path>,
}

impl<'a> Draft<'a> {
    fn recorded(&self, name: &str) -> Option<&'a Value> {
        self.prior?.get(name)
    }

    fn names(&self, object: &Parts) -> Names<'a> {
        self.names.clone().with_self(&Value::object(object.clone()))
    }

    fn stated(&self, config: &Value) -> Result<Stated> {
        let written = config.as_entries().cloned().unwrap_or_default();
        let mut object = aliases::rewrite(self.ty, written, self.prior, &self.names)?;
        let written = object.iter().filter(|(_, value)| !value.is_null());
        let written = written.map(|(name, _)| name.clone()).collect();
        for argument in self
            .ty
            .arguments
            .values()
            .filter(|argument| argument.alias.is_none())
        {
            let null = Value::null(argument.ty.clone());
            let own = object.get(&argument.name).unwrap_or(&null);
            let value = fill::argument(argument, own, self.recorded(&argument.name));
            object.insert(argument.name.clone(), value);
        }
        for block in self.ty.blocks.values() {
            if let Some(own) = object.get(&block.name) {
                let value = fill::blocks(block, own, self.recorded(&block.name));
                object.insert(block.name.clone(), value);
            }
        }
        for name in read_only(self.ty) {
            object.insert(name.clone(), fill::read_only(self.ty, name, self.prior));
        }
        Ok(Stated { object, written })
    }

    /// The object as it will be.
    fn planned(&self, stated: &Stated) -> Result<Parts> {
        let mut object = stated.object.clone();
        self.ignore(&mut object, stated)?;
        let settled: Vec<(Text, Value)> = object
            .iter()
            .map(|(name, value)| (name.clone(), self.settled(name, value)))
            .collect();
        object.extend(settled);
        self.expressions(&mut object, stated)?;
        for argument in self.ty.arguments.values() {
            let Some(value) = object.get_mut(&argument.name) else {
                continue;
            };
            let chosen = argument.computed && argument.plan.is_none() && argument.alias.is_none();
            if self.prior.is_none() && value.is_null() && chosen {
                *value = Value::unknown(argument.ty.clone());
            }
            if argument.write_only {
                *value = Value::null(argument.ty.clone());
            }
        }
        aliases::back(self.ty, &mut object, &self.names)?;
        Ok(object)
    }

    /// Where the schema says so, what is written, or is so by default, counts as what is recorded.
    fn ignore(&self, object: &mut Parts, stated: &Stated) -> Result<()> {
        let names = self.names(&stated.object);
        for argument in self
            .ty
            .arguments
            .values()
            .filter(|argument| argument.default.is_some() || stated.written.contains(&argument.name))
        {
            if argument.ignore_when.is_some() && names.allows(argument.ignore_when.as_ref())? {
                let null = Value::null(argument.ty.clone());
                let value = match self.recorded(&argument.name) {
                    Some(recorded) => recorded.clone(),
                    None => fill::argument(argument, &null, None),
                };
                object.insert(argument.name.clone(), value);
            }
        }
        Ok(())
    }

    /// The recorded value where the two count as equal, otherwise the new one in the form in which it is kept.
    fn settled(&self, name: &str, value: &Value) -> Value {
        if let Some(recorded) = self.recorded(name)
            && same::equal(self.ty, name, recorded, value)
        {
            return marks::copied(value, recorded);
        }
        let argument = self.ty.arguments.get(name).and_then(|argument| argument.stored);
        let stored = argument.or_else(|| {
            self.ty
                .attributes
                .get(name)
                .and_then(|attribute| attribute.stored)
        });
        stored.map_or_else(|| value.clone(), |form| form.of(value))
    }

    /// Works out what has a `plan`, in file order; each sees those before it.
    fn expressions(&self, object: &mut Parts, stated: &Stated) -> Result<()> {
        let arguments = self
            .ty
            .arguments
            .values()
            .filter(|one| !stated.written.contains(&one.name));
        let arguments = arguments.map(|one| (&one.name, &one.plan, &one.ty));
        let attributes = self
            .ty
            .attributes
            .values()
            .map(|one| (&one.name, &one.plan, &one.ty));
        for (name, plan, ty) in arguments.chain(attributes) {
            let Some(plan) = plan else { continue };
            let value = self.names(object).value_as(plan, ty)?;
            object.insert(name.clone(), self.settled(name, &value));
        }
        Ok(())
    }

    fn difference(&self, planned: &Parts, stated: &Stated) -> Result<Difference> {
        let mut difference = Difference {
            changed: false,
            replace_paths: Vec::new(),
        };
        let Some(prior) = self.prior else {
            return Ok(difference);
        };
        let names = self.names(planned);
        for (name, after) in planned {
            let argument = self.ty.arguments.get(name);
            if argument.is_some_and(|argument| argument.alias.is_some() || argument.write_only) {
                continue;
            }
            let before = prior.get(name);
            if before.is_some_and(|before| raw_equal(before, after)) {
                continue;
            }
            difference.changed = true;
            let path = vec![Step::attribute(name.clone())];
            if let Some(argument) = argument {
                // A value that nobody wrote and that was not recorded yet is news, not a change.
                let news = !stated.written.contains(name) && before.is_none_or(Value::is_null);
                if !news && forces(&argument.force_new, &names)? {
                    difference.replace_paths.push(path);
                }
            } else if let Some(block) = self.ty.blocks.get(name) {
                let null = Value::null(Type::Dynamic);
                block_paths(
                    block,
                    (before.unwrap_or(&null), after),
                    path,
                    &names,
                    &mut difference.replace_paths,
                )?;
            }
        }
        Ok(difference)
    }

    fn change(&self, prior: Option<&Value>, mut planned: Parts, difference: Difference) -> Change {
        let Some(before) = prior else {
            return Change::create(marks::by_schema(&Value::object(planned), &self.ty.spec));
        };
        if !difference.changed {
            // Aliases alone are no reason to touch anything.
            for argument in self
                .ty
                .arguments
                .values()
                .filter(|argument| argument.alias.is_some())
            {
                if let Some(recorded) = self.recorded(&argument.name) {
                    planned.insert(argument.name.clone(), recorded.clone());
                }
            }
        }
        let after = marks::by_schema(&Value::object(planned), &self.ty.spec);
        let action = if !difference.replace_paths.is_empty() {
            Action::Replace
        } else if difference.changed || marks::by_schema(before, &self.ty.spec) != after {
            Action::Update
        } else {
            return Change::none(before.clone());
        };
        Change {
            action,
            before: before.clone(),
            after,
            replace_paths: difference.replace_paths,
        }
    }
}

/// Whether a change of this argument or block replaces the object. Whoever cannot know must expect it.
fn forces(force_new: &ForceNew, names: &Names<'_>) -> Result<bool> {
    match force_new {
        ForceNew::Never => Ok(false),
        ForceNew::Always => Ok(true),
        ForceNew::When(expr) => Ok(names.truth(expr)? != Some(false)),
    }
}

/// The parts of nested blocks whose change replaces the object.
fn block_paths(
    block: &NestedBlock,
    (before, after): (&Value, &Value),
    path: Path,
    names: &Names<'_>,
    found: &mut Vec<Path>,
) -> Result<()> {
    if forces(&block.force_new, names)? {
        found.push(path);
        return Ok(());
    }
    match (before.data(), after.data()) {
        (Data::Object(_), Data::Object(_)) => body_paths(block, (before, after), &path, names, found),
        (Data::List(old), Data::List(new)) if old.items.len() == new.items.len() => {
            for (index, pair) in old.items.iter().zip(&new.items).enumerate() {
                let path = [path.as_slice(), &[Step::index(index)]].concat();
                body_paths(block, pair, &path, names, found)?;
            }
            Ok(())
        }
        (Data::Map(old), Data::Map(new)) if old.items.keys().eq(new.items.keys()) => {
            for ((key, before), after) in old.items.iter().zip(new.items.values()) {
                let path = [path.as_slice(), &[Step::key(key.clone())]].concat();
                body_paths(block, (before, after), &path, names, found)?;
            }
            Ok(())
        }
        // Blocks came or went, or have no names: any argument that forces a replacement does.
        _ => {
            for argument in block.arguments.values() {
                if forces(&argument.force_new, names)? {
                    found.push(path);
                    return Ok(());
                }
            }
            Ok(())
        }
    }
}

fn body_paths(
    block: &NestedBlock,
    (before, after): (&Value, &Value),
    path: &Path,
    names: &Names<'_>,
    found: &mut Vec<Path>,
) -> Result<()> {
    for argument in block.arguments.values() {
        let (Some(old), Some(new)) = (before.get(&argument.name), after.get(&argument.name)) else {
            continue;
        };
        if !raw_equal(old, new) && forces(&argument.force_new, names)? {
            found.push([path.as_slice(), &[Step::attribute(argument.name.clone())]].concat());
        }
    }
    for inner in block.blocks.values() {
        let (Some(old), Some(new)) = (before.get(&inner.name), after.get(&inner.name)) else {
            continue;
        };
        if !raw_equal(old, new) {
            let path = [path.as_slice(), &[Step::attribute(inner.name.clone())]].concat();
            block_paths(inner, (old, new), path, names, found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
