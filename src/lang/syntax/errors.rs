//! Syntax errors in words.

use hcl_edit::parser;

use crate::diag::{Diagnostic, FileId, Span};

/// An argument that stands twice in one body.
pub(super) fn redefined(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        "Attribute redefined",
        format!("The argument \"{name}\" was already set. Each argument may be set only once."),
    )
    .at(at)
    .label(first, "first set here")
}

/// hcl-edit's error as a diagnostic.
pub(super) fn from_parser(error: &parser::Error, file: FileId, text: &str, base: usize) -> Diagnostic {
    let at = error.location().offset().min(text.len());
    let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    Diagnostic::error("Invalid expression", error.message().to_owned()).at(Span::new(
        file,
        base + at,
        base + end,
    ))
}
