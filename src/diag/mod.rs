//! What we tell the user: diagnostics, and where in which text they point.

mod json;
mod listed;
mod nearest;
mod render;
mod span;

use std::collections::BTreeSet;

pub use json::to_json;
pub use listed::listed;
pub use nearest::{CANDIDATES, nearest};
pub use render::{Style, is_treacherous, render, render_summaries};
pub use span::{FileId, Position, Source, Sources, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// What an error means for a script that runs the program: each has an exit code of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    #[default]
    Failure,
    /// Something may have been done of which nothing is recorded: it must be settled before the next run goes on.
    Unsettled,
    /// Another run holds the state, or has written it in between.
    Locked,
    /// A guard refuses what would lose data; nothing was done.
    Refused,
}

/// One thing to tell the user.
///
/// The summary holds no names, so that it can be recognised; the detail says in full sentences what, why and
/// what to do. Texts may hold bytes from outside: whoever prints them escapes control characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub summary: String,
    pub detail: String,
    /// What the message is about.
    pub span: Option<Span>,
    /// The address of the resource instance concerned, if one is.
    pub address: Option<String>,
    /// The argument of that block concerned, as long as nobody has looked up where it stands: names of nested
    /// blocks, each with its position among those of its kind, and last the argument's.
    pub argument: Vec<(String, usize)>,
    /// The reason spans: a second place and a few words on it ("first declared here").
    pub labels: Vec<Label>,
    /// What the names in the failing expression stood for: (`local.a`, `is object with 1 attribute "b"`).
    pub values: Vec<(String, String)>,
    /// Ways out.
    pub hints: Vec<String>,
    /// Told in full, however many others have the same summary.
    pub alone: bool,
    /// What an error means for the exit code.
    pub ending: Ending,
}

/// A second place that explains the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

impl Diagnostic {
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Error, summary, detail)
    }

    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Severity::Warning, summary, detail)
    }

    fn new(severity: Severity, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity,
            summary: summary.into(),
            detail: detail.into(),
            span: None,
            address: None,
            argument: Vec::new(),
            labels: Vec::new(),
            values: Vec::new(),
            hints: Vec::new(),
            alone: false,
            ending: Ending::Failure,
        }
    }

    /// Points at the text concerned.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same, where the place may be unknown.
    #[must_use]
    pub fn maybe_at(mut self, span: Option<Span>) -> Self {
        self.span = span.or(self.span);
        self
    }

    /// Names the resource instance concerned, unless one is named already.
    #[must_use]
    pub fn about(mut self, address: &(impl ToString + ?Sized)) -> Self {
        self.address.get_or_insert_with(|| address.to_string());
        self
    }

    /// Names the argument concerned. See [`Diagnostic::argument`].
    #[must_use]
    pub fn of(mut self, argument: Vec<(String, usize)>) -> Self {
        self.argument = argument;
        self
    }

    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    #[must_use]
    pub fn value(mut self, name: impl Into<String>, statement: impl Into<String>) -> Self {
        self.values.push((name.into(), statement.into()));
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Its detail is what the user wrote: it is told in full beside others of its summary.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// Says what the error means for the exit code.
    #[must_use]
    pub fn ends_as(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// A list of diagnostics that knows whether it holds errors.
///
/// Of errors, and of warnings, a few thousand are kept; the others are only counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    /// How many were kept when they came: errors, warnings.
    taken: [usize; 2],
    /// How many were only counted.
    omitted: [usize; 2],
}

/// So many of one severity are kept.
const KEPT: usize = 2000;

/// A result whose error is everything there is to say.
pub type Result<T> = std::result::Result<T, Diagnostics>;

impl Diagnostics {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, diagnostic: Diagnostic) {
        let severity = diagnostic.severity as usize;
        if self.taken[severity] < KEPT {
            self.taken[severity] += 1;
            self.kept.push(diagnostic);
        } else {
            self.omitted[severity] += 1;
        }
    }

    pub fn extend(&mut self, others: Self) {
        others.kept.into_iter().for_each(|other| self.push(other));
        self.omitted[0] += others.omitted[0];
        self.omitted[1] += others.omitted[1];
    }

    /// Adds what is not here yet: instances of one block say the same things.
    pub fn extend_new(&mut self, others: Self) {
        let key = |one: &Diagnostic| (one.span, one.address.clone(), one.detail.clone());
        let mut known: BTreeSet<_> = self.kept.iter().map(key).collect();
        let news = others.kept.into_iter().filter(|other| known.insert(key(other)));
        news.for_each(|other| self.push(other));
    }

    pub fn has_errors(&self) -> bool {
        self.kept.iter().any(Diagnostic::is_error)
    }

    /// What all errors together mean for the exit code: what is unsettled or locked counts more than another failure, and a
    /// refusal only where nothing else went wrong.
    pub fn ending(&self) -> Ending {
        let mut endings = self
            .kept
            .iter()
            .filter(|one| one.is_error())
            .map(|one| one.ending);
        let has = |ending| endings.clone().any(|one| one == ending);
        if has(Ending::Unsettled) {
            Ending::Unsettled
        } else if has(Ending::Locked) {
            Ending::Locked
        } else if has(Ending::Refused) && endings.all(|one| one == Ending::Refused) {
            Ending::Refused
        } else {
            Ending::Failure
        }
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many there are, kept or not.
    pub fn len(&self) -> usize {
        self.kept.len() + self.omitted[0] + self.omitted[1]
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        let kept = self.kept.iter().filter(|one| one.is_error());
        kept.count() + self.omitted[0]
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.kept.iter()
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.kept.iter_mut()
    }

    /// Keeps the value, or puts the errors into this list.
    pub fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(errors) => {
                self.extend(errors);
                None
            }
        }
    }

    /// The value, unless something here is an error.
    pub fn or<T>(self, value: T) -> Result<T> {
        if self.has_errors() { Err(self) } else { Ok(value) }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        std::iter::once(diagnostic).collect()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(all: I) -> Self {
        let mut found = Self::new();
        all.into_iter().for_each(|one| found.push(one));
        found
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.into_iter()
    }
}

impl<'a> IntoIterator for &'a mut Diagnostics {
    type Item = &'a mut Diagnostic;
    type IntoIter = std::slice::IterMut<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.iter_mut()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.iter()
    }
}
