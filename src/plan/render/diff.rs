//! The difference of two values as a tree: what is shown, with which sign.

use crate::value::{Text, Value};

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Same,
    Added,
    Changed,
    Removed,
}

impl Sign {
    /// The sign of a whole that has had this sign so far, with one more part.
    pub(super) fn with(self, part: Self) -> Self {
        match part {
            Self::Same => self,
            _ if self == part => self,
            _ => Self::Changed,
        }
    }
}

/// A part before and after; none where it does not exist. A null that somebody wrote is a value.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) before: Option<&'a Value>,
    pub(super) after: Option<&'a Value>,
}

impl<'a> Pair<'a> {
    pub(super) fn new(before: Option<&'a Value>, after: Option<&'a Value>) -> Self {
        Self { before, after }
    }

    /// The same part with nulls taken for nothing.
    pub(super) fn without_nulls(self) -> Self {
        let present = |value: &&Value| !value.is_null();
        Self {
            before: self.before.filter(present),
            after: self.after.filter(present),
        }
    }

    /// An attribute or element of both, by name.
    pub(super) fn entry(self, name: &str) -> Self {
        Self::new(
            self.before.and_then(|value| value.get(name)),
            self.after.and_then(|value| value.get(name)),
        )
    }

    /// The sign of a whole before its parts are looked at.
    pub(super) fn start(self) -> Sign {
        let Self { before, after } = self.without_nulls();
        match (before, after) {
            (None, Some(_)) => Sign::Added,
            (Some(_), None) => Sign::Removed,
            _ => Sign::Same,
        }
    }

    pub(super) fn is_nothing(self) -> bool {
        self.before.is_none() && self.after.is_none()
    }

    /// Whether the part is sensitive before and after.
    pub(super) fn sensitive(self) -> (bool, bool) {
        if super::text::open(self).is_some() {
            return (false, false);
        }
        let sensitive = |value: Option<&Value>| value.is_some_and(Value::is_sensitive);
        (sensitive(self.before), sensitive(self.after))
    }

    /// What was there, on its way out.
    pub(super) fn removed(self) -> Self {
        Self { after: None, ..self }
    }

    /// What will be there, as if new.
    pub(super) fn added(self) -> Self {
        Self { before: None, ..self }
    }

    /// The names of the entries of both, sorted.
    pub(super) fn names(self) -> Vec<&'a Text> {
        let names = |value: Option<&'a Value>| {
            value
                .and_then(Value::as_entries)
                .into_iter()
                .flat_map(|all| all.keys())
        };
        let mut all: Vec<&Text> = names(self.before).chain(names(self.after)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The items of both.
    pub(super) fn items(self) -> (&'a [Value], &'a [Value]) {
        let items = |value: Option<&'a Value>| value.and_then(Value::as_items).unwrap_or_default();
        (items(self.before), items(self.after))
    }
}

/// A difference, ready to be shown.
pub(super) struct Diff<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) sign: Sign,
    /// Its change forces a replacement.
    pub(super) replace: bool,
}

/// The forms of differences.
pub(super) enum Kind<'a> {
    /// A string, number, bool or null.
    Leaf(Pair<'a>),
    /// Names stand bare where they can.
    Object(Vec<(&'a Text, Diff<'a>)>),
    /// Keys are quoted.
    Map(Vec<(&'a Text, Diff<'a>)>),
    List(Vec<Diff<'a>>),
    Set(Vec<Diff<'a>>),
    Block(Box<BlockDiff<'a>>),
    Sensitive(Hidden),
    SensitiveBlock(Hidden),
    /// Known only after apply; with what was there before.
    Unknown(Option<Box<Diff<'a>>>),
    /// Something of another type takes the place.
    Retyped(Box<(Diff<'a>, Diff<'a>)>),
    WriteOnly,
}

/// What is hidden because it is sensitive: how it would be signed, and on which side it is sensitive.
#[derive(Clone, Copy)]
pub(super) struct Hidden {
    pub(super) inner: Sign,
    pub(super) before: bool,
    pub(super) after: bool,
}

/// The inside of a block.
pub(super) struct BlockDiff<'a> {
    pub(super) attributes: Vec<(&'a Text, Diff<'a>)>,
    pub(super) groups: Vec<Group<'a>>,
}

/// All nested blocks of one kind.
pub(super) struct Group<'a> {
    pub(super) name: &'a Text,
    /// With the label of blocks that have one.
    pub(super) blocks: Vec<(Option<&'a Text>, Diff<'a>)>,
    pub(super) replace: bool,
    pub(super) before_sensitive: bool,
    pub(super) after_sensitive: bool,
}

impl<'a> Diff<'a> {
    pub(super) fn new(kind: Kind<'a>, sign: Sign, replace: bool) -> Self {
        Self { kind, sign, replace }
    }

    /// Hides a difference whose value is sensitive before or after.
    pub(super) fn hide(pair: Pair<'_>, inner: Sign, replace: bool, kind: fn(Hidden) -> Kind<'a>) -> Self {
        let (before, after) = pair.sensitive();
        let sign = if inner == Sign::Same && before != after && !pair.is_nothing() {
            Sign::Changed
        } else {
            inner
        };
        Self::new(kind(Hidden { inner, before, after }), sign, replace)
    }
}

/// Signs of parts taken together.
pub(super) fn total<'d, 'a: 'd>(start: Sign, parts: impl IntoIterator<Item = &'d Diff<'a>>) -> Sign {
    parts.into_iter().fold(start, |sign, part| sign.with(part.sign))
}
