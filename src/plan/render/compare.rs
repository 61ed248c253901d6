//! Two values to their difference, guided by the type of an attribute and the shape of a block.

use crate::lang::spec::{BlockSpec, NestedSpec, Nesting};
use crate::value::{Path, Step, Text, Type, Value};

use super::align;
use super::diff::{BlockDiff, Diff, Group, Kind, Pair, Sign, total};
use super::plain;

/// What is left of the paths that force a replacement, below some part.
#[derive(Clone, Default)]
pub(super) struct Forcing<'a>(Vec<&'a [Step]>);

impl<'a> Forcing<'a> {
    pub(super) fn new(paths: &'a [Path]) -> Self {
        Self(paths.iter().map(Vec::as_slice).collect())
    }

    /// Whether this very part forces the replacement.
    fn here(&self) -> bool {
        self.0.iter().any(|path| path.is_empty())
    }

    fn below(&self, is_step: impl Fn(&Step) -> bool) -> Self {
        let rest = self.0.iter().filter_map(|path| {
            let (step, rest) = path.split_first()?;
            is_step(step).then_some(rest)
        });
        Self(rest.collect())
    }

    fn entry(&self, name: &str) -> Self {
        self.below(|step| match step {
            Step::Attribute(attribute) => &**attribute == name,
            Step::Index(key) => key.as_str() == Some(name),
        })
    }

    fn item(&self, index: usize) -> Self {
        self.below(|step| match step {
            Step::Attribute(_) => false,
            Step::Index(key) => key.as_i64().and_then(|key| usize::try_from(key).ok()) == Some(index),
        })
    }
}

/// The difference of two objects of a resource type, or of two nested blocks.
pub(super) fn block<'a>(pair: Pair<'a>, spec: &'a BlockSpec, forcing: &Forcing<'_>) -> Diff<'a> {
    let whole = bare_block(pair.without_nulls(), spec, forcing);
    match pair.sensitive() {
        (false, false) => whole,
        _ => Diff::hide(pair, whole.sign, forcing.here(), Kind::SensitiveBlock),
    }
}

fn bare_block<'a>(pair: Pair<'a>, spec: &'a BlockSpec, forcing: &Forcing<'_>) -> Diff<'a> {
    if let Some(unknown) = unknown(pair, forcing.here(), |before| {
        bare_block(before, spec, &Forcing::default())
    }) {
        return unknown;
    }
    let start = pair.start();
    let mut sign = start;
    let mut attributes = Vec::new();
    for (name, attribute) in &spec.attributes {
        let part = pair.entry(name).without_nulls().without_empty_texts();
        let below = forcing.entry(name);
        let diff = if attribute.write_only {
            let shown = if start == Sign::Changed { Sign::Same } else { start };
            Diff::new(Kind::WriteOnly, shown, below.here())
        } else {
            typed(part, &attribute.ty.ty, &below)
        };
        if diff.sign == Sign::Same && part.is_nothing() {
            continue;
        }
        sign = sign.with(diff.sign);
        attributes.push((name, diff));
    }
    let mut groups = Vec::new();
    for (name, nested) in &spec.blocks {
        let part = pair.entry(name).without_nulls();
        if part.is_nothing() {
            continue;
        }
        let group = group(name, part, nested, &forcing.entry(name));
        sign = sign.with(total(part.start(), group.blocks.iter().map(|(_, block)| block)));
        groups.push(group);
    }
    Diff::new(
        Kind::Block(Box::new(BlockDiff { attributes, groups })),
        sign,
        forcing.here(),
    )
}

impl Pair<'_> {
    /// Empty strings in blocks stand for nothing: some clouds answer so for what was never set.
    fn without_empty_texts(self) -> Self {
        let present = |value: &&Value| value.as_str() != Some("");
        Self {
            before: self.before.filter(present),
            after: self.after.filter(present),
        }
    }
}

fn group<'a>(name: &'a Text, pair: Pair<'a>, nested: &'a NestedSpec, forcing: &Forcing<'_>) -> Group<'a> {
    let (before_sensitive, after_sensitive) = pair.sensitive();
    let one = |pair: Pair<'a>, forcing: &Forcing<'_>| block(pair, &nested.spec, forcing);
    let (old, new) = pair.items();
    let paired = |pairs: align::Pairs| {
        let of = |(i, j): (Option<usize>, Option<usize>)| {
            let pair = Pair::new(i.and_then(|i| old.get(i)), j.and_then(|j| new.get(j)));
            (None, one(pair, &forcing.item(i.or(j).unwrap_or_default())))
        };
        pairs.into_iter().map(of).collect::<Vec<_>>()
    };
    let mut blocks = match nested.nesting {
        Nesting::Single => vec![(None, one(pair, forcing))],
        Nesting::List => {
            let all = 0..old.len().max(new.len());
            paired(
                all.map(|i| ((i < old.len()).then_some(i), (i < new.len()).then_some(i)))
                    .collect(),
            )
        }
        Nesting::Set => paired(align::sets(old, new)),
        Nesting::Map => {
            let names = pair.names().into_iter();
            names
                .map(|key| (Some(key), one(pair.entry(key), &forcing.entry(key))))
                .collect()
        }
    };
    let is_unknown = pair.after.is_some_and(|after| !after.is_known());
    if is_unknown && nested.nesting != Nesting::Single {
        blocks.push((None, Diff::new(Kind::Unknown(None), Sign::Added, false)));
    }
    Group {
        name,
        blocks,
        replace: forcing.here(),
        before_sensitive,
        after_sensitive,
    }
}

/// The difference of two values of a type.
pub(super) fn typed<'a>(pair: Pair<'a>, ty: &Type, forcing: &Forcing<'_>) -> Diff<'a> {
    let whole = bare(pair, ty, forcing);
    match pair.sensitive() {
        (false, false) => whole,
        _ => Diff::hide(pair, whole.sign, forcing.here(), Kind::Sensitive),
    }
}

fn bare<'a>(pair: Pair<'a>, ty: &Type, forcing: &Forcing<'_>) -> Diff<'a> {
    let here = forcing.here();
    if let Some(unknown) = unknown(pair, here, |before| bare(before, ty, &Forcing::default())) {
        return unknown;
    }
    let by_name = |pair: Pair<'a>, name: &'a Text, ty: &Type| (name, typed(pair, ty, &forcing.entry(name)));
    let by_place = |pairs: align::Pairs, ty: &dyn Fn(usize) -> Type| -> Vec<Diff<'a>> {
        let (old, new) = pair.items();
        let of = |(i, j): (Option<usize>, Option<usize>)| {
            let place = i.or(j).unwrap_or_default();
            let pair = Pair::new(i.and_then(|i| old.get(i)), j.and_then(|j| new.get(j)));
            typed(pair, &ty(place), &forcing.item(place))
        };
        pairs.into_iter().map(of).collect()
    };
    let (old, new) = pair.items();
    let whole = |kind: fn(Vec<Diff<'a>>) -> Kind<'a>, parts: Vec<Diff<'a>>| {
        let sign = total(pair.start(), &parts);
        Diff::new(kind(parts), sign, here)
    };
    let named = |kind: fn(Vec<(&'a Text, Diff<'a>)>) -> Kind<'a>, parts: Vec<(&'a Text, Diff<'a>)>| {
        let sign = total(pair.start(), parts.iter().map(|(_, part)| part));
        Diff::new(kind(parts), sign, here)
    };
    match ty {
        Type::Dynamic => plain::bare(pair),
        Type::Bool | Type::Number | Type::String => Diff::new(Kind::Leaf(pair), plain::leaf_sign(pair), here),
        Type::Object(object) => {
            let parts = pair.names().into_iter().filter_map(|name| {
                let ty = object.attributes.get(name).unwrap_or(&Type::Dynamic);
                let part = pair.entry(name).without_nulls();
                let diff = by_name(part, name, ty);
                (diff.1.sign != Sign::Same || !part.is_nothing()).then_some(diff)
            });
            named(Kind::Object, parts.collect())
        }
        Type::Map(element) => {
            let parts = pair
                .names()
                .into_iter()
                .map(|name| by_name(pair.entry(name), name, element));
            named(Kind::Map, parts.collect())
        }
        Type::List(element) => whole(
            Kind::List,
            by_place(align::lists(old, new), &|_| (**element).clone()),
        ),
        Type::Set(element) => whole(
            Kind::Set,
            by_place(align::sets(old, new), &|_| (**element).clone()),
        ),
        Type::Tuple(types) => {
            let all = 0..old.len().max(new.len());
            let pairs = all
                .map(|i| ((i < old.len()).then_some(i), (i < new.len()).then_some(i)))
                .collect();
            whole(
                Kind::List,
                by_place(pairs, &|i| types.get(i).cloned().unwrap_or(Type::Dynamic)),
            )
        }
    }
}

/// The difference to something that is known only after apply.
pub(super) fn unknown<'a>(
    pair: Pair<'a>,
    replace: bool,
    removed: impl FnOnce(Pair<'a>) -> Diff<'a>,
) -> Option<Diff<'a>> {
    pair.after.filter(|after| !after.is_known())?;
    Some(match pair.without_nulls().before {
        None => Diff::new(Kind::Unknown(None), Sign::Added, replace),
        Some(_) => Diff::new(
            Kind::Unknown(Some(Box::new(removed(pair.removed())))),
            Sign::Changed,
            replace,
        ),
    })
}
