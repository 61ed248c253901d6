//! Which names the expressions of schema files may use, and where.

use crate::addr::{Reference, Subject};
use crate::value::Text;

/// The wished object; in reads and deletes the recorded one, in data sources the configuration.
pub const SELF: &str = "self";
/// The recorded object; while the groups run after a create: the wished one overlaid with what create leaves.
pub const PRIOR: &str = "prior";
/// The provider's arguments and facts.
pub const PROVIDER: &str = "provider";
/// The object's id.
pub const ID: &str = "id";
/// The answer of the last call.
pub const REPLY: &str = "reply";
/// In waits: whether the object is gone.
pub const GONE: &str = "gone";
/// In `ok_when` and its like: `error.code` and `error.message`.
pub const ERROR: &str = "error";
/// In a call with `for_each`: `each.value`, the element.
pub const EACH: &str = "each";
/// In rules: whether the change replaces the object.
pub const REPLACING: &str = "replacing";

/// In creates and in `find`: the text by which a new object is found again, or null where none is given.
pub const MARKER: &str = "marker";

/// The members of [`ERROR`].
pub const ERROR_MEMBERS: &[&str] = &["code", "message"];
/// The member of [`EACH`].
pub const EACH_MEMBER: &str = "value";

/// A function that only schema expressions have, beside `native::` ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `changed(name, ...)`: whether any of these arguments differs between `prior` and `self`, equivalences
    /// considered. True when there is no prior object.
    Changed,
    /// `removed(old, new)`: the keys of the old map that the new one lacks, as a list.
    Removed,
    /// `upserted(old, new)`: the entries of the new map that the old one lacks or holds otherwise.
    Upserted,
    /// `or(a, b)`: a, unless it is null or the empty string; then b.
    Or,
    /// `same(equivalence, a, b)`: whether the two count as equal.
    Same,
    /// `contains_text(text, part)`: false when either is null.
    ContainsText,
}

impl Function {
    /// All of them by name.
    pub const ALL: &[(&str, Self)] = &[
        ("changed", Self::Changed),
        ("contains_text", Self::ContainsText),
        ("or", Self::Or),
        ("removed", Self::Removed),
        ("same", Self::Same),
        ("upserted", Self::Upserted),
    ];

    /// The function of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, function)| *function)
    }
}

/// The words of a reference: what stands first, and the attribute names after it that belong to the reference.
/// Schema expressions know no kinds of names: `key.Enabled` is a member of `key`, whatever the language makes of
/// it, and a scope for them resolves the first word and then follows these.
pub fn words(reference: &Reference) -> (Text, Vec<Text>) {
    let root = |word: &str, member: &Text| (Text::from(word), vec![member.clone()]);
    match &reference.subject {
        Subject::Variable(name) => root("var", name),
        Subject::Local(name) => root("local", name),
        Subject::Module(name) => root("module", name),
        Subject::Each(name) => root("each", name),
        Subject::Count(name) => root("count", name),
        Subject::Path(name) => root("path", name),
        Subject::Terraform(name) => root("terraform", name),
        Subject::Itself => (SELF.into(), Vec::new()),
        Subject::Bare(name) => (name.clone(), Vec::new()),
        Subject::Resource(name) if name.is_managed() => (name.ty.clone(), vec![name.name.clone()]),
        Subject::Resource(name) => (name.mode.word().into(), vec![name.ty.clone(), name.name.clone()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(root: &str, attributes: &[&str], first: &str, members: &[&str]) {
        let reference = Reference::parse(root, attributes).expect("a reference");
        let (word, rest) = words(&reference);
        assert_eq!(&*word, first);
        assert_eq!(rest.iter().map(|word| &**word).collect::<Vec<_>>(), members);
    }

    #[test]
    fn a_reference_gives_its_words_back() {
        check("self", &["name"], "self", &[]);
        check("key", &["Enabled", "x"], "key", &["Enabled"]);
        check("key", &[], "key", &[]);
    }
}
