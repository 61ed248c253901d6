//! Whether a space stands between two tokens of a cell.

use super::Piece;
use crate::lang::syntax::scan::Kind;

/// Sets the spaces between the pieces of one cell. What stands before its first piece is not decided here.
pub(super) fn within(cell: &mut [Piece<'_>]) {
    for at in 0..cell.len().saturating_sub(1) {
        let before = at.checked_sub(1).map(|before| cell[before].kind);
        let spaced = stands_between(&cell[at], before, &cell[at + 1]);
        cell[at + 1].spaces = usize::from(spaced);
    }
    if let Some(first) = cell.first_mut()
        && first.kind == Kind::Assign
    {
        first.spaces = 1;
    }
}

/// The rules, in the order in which they win. `before` is what precedes the subject in its cell.
#[expect(
    clippy::match_same_arms,
    clippy::unnested_or_patterns,
    reason = "the arms are rules, and their order matters"
)]
fn stands_between(subject: &Piece<'_>, before: Option<Kind>, after: &Piece<'_>) -> bool {
    use Kind as K;
    let is_text = |kind| matches!(kind, K::Quoted | K::Line);
    match (subject.kind, after.kind) {
        (_, K::Newline)
        | (K::Ident, K::OpenParen | K::DoubleColon)
        | (K::DoubleColon, K::Ident)
        | (K::Dot, _)
        | (_, K::Dot | K::Comma | K::Ellipsis) => false,
        (K::Comma, _) => true,
        (K::OpenQuote | K::OpenHeredoc, _) | (_, K::CloseQuote | K::CloseHeredoc) => false,
        (a, b) if is_text(a) || is_text(b) => false,
        // In `[for x in [a] : x]` the word is no name that is indexed.
        (K::Ident, _) if subject.text == "in" && before == Some(K::Ident) => true,
        (K::Ident | K::Number, K::OpenBracket) => false,
        (_, K::OpenBracket) if subject.brackets() < 0 => false,
        (K::Bang, _) => false,
        (K::Minus, _) => !before.is_none_or(begins_operand),
        (K::OpenBrace, K::CloseBrace) => false,
        (K::OpenBrace, _) | (_, K::CloseBrace) => true,
        (K::OpenInterpolation | K::OpenDirective, K::OpenBrace) | (K::CloseBrace, K::CloseTemplate) => true,
        (K::CloseTemplate, K::OpenInterpolation | K::OpenDirective) => false,
        _ => subject.brackets() <= 0 && after.brackets() >= 0,
    }
}

/// Whether a minus after this negates.
fn begins_operand(kind: Kind) -> bool {
    use Kind as K;
    matches!(
        kind,
        K::OpenParen
            | K::OpenBrace
            | K::OpenBracket
            | K::Assign
            | K::Colon
            | K::Comma
            | K::Question
            | K::Plus
            | K::Star
            | K::Slash
            | K::Percent
            | K::Minus
            | K::Equal
            | K::NotEqual
            | K::Greater
            | K::GreaterOrEqual
            | K::Less
            | K::LessOrEqual
            | K::And
            | K::Or
            | K::Bang
    )
}
