//! Brackets passed over while looking for the next item after an error.

use indexmap::IndexMap;

use crate::lang::syntax::scan::Kind;

/// The brackets that are open where an item failed.
#[derive(Default)]
pub(super) struct Brackets {
    open: Vec<Kind>,
    counts: IndexMap<Kind, usize>,
}

impl Brackets {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn holds(&self, opener: Kind) -> bool {
        self.counts.get(&opener).is_some_and(|count| *count > 0)
    }

    /// A closing bracket also closes what was forgotten inside; one without an opener is passed over.
    pub(super) fn see(&mut self, kind: Kind) {
        let opener = match kind {
            Kind::OpenBrace | Kind::OpenBracket | Kind::OpenParen | Kind::OpenQuote | Kind::OpenHeredoc => {
                return self.open(kind);
            }
            Kind::OpenInterpolation | Kind::OpenDirective => return self.open(Kind::OpenInterpolation),
            Kind::CloseBrace => Kind::OpenBrace,
            Kind::CloseBracket => Kind::OpenBracket,
            Kind::CloseParen => Kind::OpenParen,
            Kind::CloseQuote | Kind::QuotedNewline => Kind::OpenQuote,
            Kind::CloseHeredoc => Kind::OpenHeredoc,
            Kind::CloseTemplate => Kind::OpenInterpolation,
            _ => return,
        };
        if !self.holds(opener) {
            return;
        }
        while let Some(last) = self.open.pop() {
            *self.counts.entry(last).or_default() -= 1;
            if last == opener {
                return;
            }
        }
    }

    fn open(&mut self, kind: Kind) {
        self.open.push(kind);
        *self.counts.entry(kind).or_default() += 1;
    }
}
