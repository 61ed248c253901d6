//! What is said where no item of a body begins, and where reading goes on after an error.

use super::brackets::Brackets;
use super::{Parser, Reported};
use crate::lang::syntax::scan::{Kind, Token};

impl Parser<'_> {
    // ---- going on after errors -----------------------------------------------------------------------------

    pub(super) fn no_item(&mut self, token: Token) -> Reported {
        let span = self.span(token);
        if let Err(reported) = self.refuse_strange(token) {
            return reported;
        }
        if token.kind == Kind::OpenQuote {
            return self.report(
                "Invalid argument name",
                "Argument names must not be quoted.",
                span,
            );
        }
        self.report(
            "Argument or block definition required",
            "An argument or block definition is required here.",
            span,
        )
    }

    pub(super) fn no_definition(&mut self, name: Token, token: Token) -> Reported {
        if let Err(reported) = self.refuse_strange(token) {
            return reported;
        }
        let (detail, at) = match token.kind {
            Kind::Dot | Kind::OpenBracket => (
                "Argument names may not contain periods or brackets: each is a single name.",
                token,
            ),
            _ => (
                "An argument or block definition is required here. To set an argument, use the equals sign \
                 \"=\" to introduce the argument value.",
                name,
            ),
        };
        let span = self.span(at);
        self.report("Argument or block definition required", detail, span)
    }

    /// Moves behind what failed: to the end of the line on which all brackets it opened are
    /// closed, but not over the brace that closes the body.
    pub(super) fn recover(&mut self) {
        let failed = self.at;
        if self.has_given_up {
            return;
        }
        self.at = self.resume;
        self.sees_newlines = true;
        let mut open = Brackets::default();
        loop {
            let token = self.peek();
            match token.kind {
                Kind::End => return,
                Kind::Newline if open.is_empty() && self.at >= failed => return,
                Kind::CloseBrace if !open.holds(Kind::OpenBrace) && self.depth > 0 => return,
                kind => open.see(kind),
            }
            self.at += 1;
        }
    }
}
