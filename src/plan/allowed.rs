//! What a run names as something that may be destroyed. Each word names one object, and no word another than somebody has
//! read: not what happens to be in a module, nor what a replacement has left over at an address.

use std::fmt;

use crate::addr::{ParseError, Target, parse_instance, parse_target};
use crate::diag::{Diagnostic, Diagnostics, Ending};
use crate::value::{Text, Value};

use super::Planned;
use super::make::Planner;
use super::render::{object_name, option_among};

/// An address, or one of several objects at it by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    target: Target,
    id: Option<Text>,
}

impl Allowed {
    /// Reads `ADDRESS` or `ADDRESS=ID`. Keys of addresses may hold the sign too, so it is the first one behind the address.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let bare = parse_target(text).map(|target| Self { target, id: None });
        let mut places = text.match_indices('=').map(|(at, _)| at);
        let by_id = places.find_map(|at| {
            let target = Target::Instance(parse_instance(&text[..at]).ok()?);
            let id = Some(&text[at + 1..]).filter(|id| !id.is_empty());
            Some((target, id?))
        });
        bare.or_else(|error| {
            let (target, id) = by_id.ok_or(error)?;
            let id = Some(id.into());
            Ok(Self { target, id })
        })
    }

    /// Whether it is the address of an object, and its id where one is given.
    fn fits(&self, planned: &Planned) -> bool {
        let is_it = |id: &Text| names_of(planned).any(|name| name == id);
        self.target.is_exactly(&planned.addr) && self.id.as_ref().is_none_or(is_it)
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{}={id}", self.target),
            None => write!(f, "{}", self.target),
        }
    }
}

/// By what an object can be told from others at its address.
fn names_of(planned: &Planned) -> impl Iterator<Item = &Text> {
    let named = |name: &&str| {
        planned
            .change
            .before
            .get(name)
            .filter(|value| !value.is_sensitive())
    };
    let ids = ["key_id", "id", "arn"]
        .into_iter()
        .filter_map(move |name| named(&name));
    ids.filter_map(Value::as_text).chain(&planned.deposed)
}

/// Whether one of these words names an object. Where some word gives its id, an address alone is not about it.
fn any_names(words: &[Allowed], planned: &Planned, has_own: bool) -> bool {
    let mut words = words.iter().filter(|word| word.id.is_some() || !has_own);
    words.any(|word| word.fits(planned))
}

impl Planner<'_> {
    /// Whether some word gives the id of an object.
    fn has_own_word(&self, planned: &Planned) -> bool {
        let words = [&self.options.destroy_keys, &self.options.destroy_keys_in_use];
        let mut words = words.into_iter().flatten();
        words.any(|word| word.id.is_some() && word.fits(planned))
    }

    /// Whether the run names an object as one that may be destroyed, and as one that may be although it is in use.
    pub(super) fn named(&self, planned: &Planned) -> (bool, bool) {
        let has_own = self.has_own_word(planned);
        let in_use = any_names(&self.options.destroy_keys_in_use, planned, has_own);
        let named = any_names(&self.options.destroy_keys, planned, has_own);
        (named || in_use, in_use)
    }

    /// Notes of what is lost whether it is named. A word that names several objects is refused.
    pub(super) fn check_names(&mut self) {
        let named: Vec<(bool, bool)> = self.changes.iter().map(|planned| self.named(planned)).collect();
        for (planned, named) in self.changes.iter_mut().zip(named) {
            if let Some(loss) = &mut planned.loss {
                (loss.named, loss.named_in_use) = named;
            }
        }
        let is_lost =
            |planned: &&Planned| planned.loss.is_some() || (planned.ends() && planned.guard.prevent_destroy);
        let mut lost: Vec<&Planned> = self.changes.iter().filter(is_lost).collect();
        lost.sort_by(|left, right| left.addr.cmp(&right.addr));
        let options = [
            (&self.options.destroy_keys, false),
            (&self.options.destroy_keys_in_use, true),
        ];
        let words = options
            .into_iter()
            .flat_map(|(words, in_use)| words.iter().map(move |word| (word, in_use)));
        let refused = words.filter_map(|(word, in_use)| self.names_several(word, &lost, in_use));
        let refused: Diagnostics = refused.collect();
        self.problems.extend(refused);
    }

    /// Why a word is refused that names several objects, or may name them one day.
    fn names_several(&self, word: &Allowed, lost: &[&Planned], in_use: bool) -> Option<Diagnostic> {
        let is_within = |planned: &&&Planned| word.target.contains(&planned.addr);
        let within = lost.iter().filter(is_within).copied();
        let (exact, beyond): (Vec<&Planned>, Vec<&Planned>) =
            within.partition(|planned| word.target.is_exactly(&planned.addr));
        let is_about =
            |planned: &&Planned| any_names(std::slice::from_ref(word), planned, self.has_own_word(planned));
        let meant: Vec<&Planned> = exact.into_iter().filter(is_about).collect();
        let (what, several) = match &word.target {
            Target::Module(_) => ("is a module", beyond),
            _ if !beyond.is_empty() => ("stands for several instances, or may", beyond),
            _ if meant.len() > 1 => (
                "stands for several objects, of which replacements have left some over",
                meant,
            ),
            _ => return None,
        };
        Some(one_by_one(&format!("{word} {what}"), &several, (lost, in_use)))
    }
}

fn one_by_one(what: &str, several: &[&Planned], (lost, in_use): (&[&Planned], bool)) -> Diagnostic {
    let within = if several.is_empty() {
        " The plan would destroy none of it.".to_owned()
    } else {
        let lines = several
            .iter()
            .map(|planned| format!("  {}", object_name(planned)));
        let lines: Vec<String> = lines.collect();
        format!(" In it these would be destroyed:\n\n{}\n", lines.join("\n"))
    };
    let detail = format!(
        "{what}. Each key that may be destroyed is named by itself, so that no word destroys more than somebody has read.{within}"
    );
    let refused = Diagnostic::error("Keys must be named one by one", detail).ends_as(Ending::Refused);
    if several.is_empty() {
        return refused.hint("Leave the option out.");
    }
    let names = several.iter().map(|planned| option_among(planned, lost, in_use));
    let names: Vec<String> = names.collect();
    refused.hint(format!("If all of them may be destroyed: {}", names.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, id: Option<&str>) {
        let allowed = Allowed::parse(text).unwrap();
        assert_eq!(allowed.id.as_deref(), id);
        assert_eq!(allowed.to_string(), text);
        assert_eq!(Allowed::parse(&allowed.to_string()).unwrap(), allowed);
    }

    #[test]
    fn an_id_stands_behind_the_address() {
        check("aws_kms_key.k", None);
        check("module.m", None);
        check(r#"aws_kms_key.k["a=b"]"#, None);
        check("aws_kms_key.k=1234-abcd", Some("1234-abcd"));
        check(r#"module.m[0].aws_kms_key.k["a=b"]=c=d"#, Some("c=d"));
        for wrong in ["module.m=1", "aws_kms_key.k=", "aws_kms_key=1", "=1"] {
            assert!(Allowed::parse(wrong).is_err(), "{wrong}");
        }
    }
}
