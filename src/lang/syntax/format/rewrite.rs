//! Outdated forms brought up to date: `"${x}"` alone, quoted types of variables, bare block labels.

use std::borrow::Cow;

use super::Piece;
use crate::lang::syntax::scan::Kind;
use crate::lang::syntax::write::quote;

/// Where arguments and blocks stand among the pieces of a valid file.
struct Walk<'a, 't> {
    pieces: &'a [Piece<'t>],
    out: Vec<Piece<'t>>,
    /// The kinds of the blocks we are in.
    blocks: Vec<Cow<'t, str>>,
}

/// Rewrites the pieces of a valid file.
pub(super) fn rewrite<'t>(pieces: &[Piece<'t>]) -> Vec<Piece<'t>> {
    let mut walk = Walk {
        pieces,
        out: Vec::with_capacity(pieces.len()),
        blocks: Vec::new(),
    };
    let mut at = 0;
    while at < pieces.len() {
        at = walk.item(at);
    }
    walk.out
}

impl Walk<'_, '_> {
    /// Takes one item, or one piece between items; gives where the next begins.
    fn item(&mut self, at: usize) -> usize {
        let piece = &self.pieces[at];
        self.out.push(piece.clone());
        match piece.kind {
            Kind::Ident => {
                let next = self.skip_comments(at + 1);
                if self.kind(next) == Kind::Assign {
                    self.attribute(at, next)
                } else {
                    self.header(at)
                }
            }
            Kind::CloseBrace => {
                self.blocks.pop();
                at + 1
            }
            _ => at + 1,
        }
    }

    fn kind(&self, at: usize) -> Kind {
        self.pieces.get(at).map_or(Kind::End, |piece| piece.kind)
    }

    fn skip_comments(&self, mut at: usize) -> usize {
        while self.kind(at) == Kind::Comment {
            at += 1;
        }
        at
    }

    fn attribute(&mut self, name: usize, equals: usize) -> usize {
        let start = self.skip_comments(equals + 1);
        self.out.extend_from_slice(&self.pieces[name + 1..start]);
        let line_end = self.expression_end(start);
        let mut end = line_end;
        while end > start && self.kind(end - 1) == Kind::Comment {
            end -= 1;
        }
        let is_type =
            self.blocks.len() == 1 && self.blocks[0] == "variable" && self.pieces[name].text == "type";
        let expr = &self.pieces[start..end];
        if is_type {
            self.out.extend(modern_type(expr));
        } else {
            self.out.extend(unwrapped(expr));
        }
        self.out.extend_from_slice(&self.pieces[end..line_end]);
        line_end
    }

    /// Where the line, or the one-line block, that holds the expression ends.
    fn expression_end(&self, start: usize) -> usize {
        let mut depth = 0_isize;
        for at in start..self.pieces.len() {
            let piece = &self.pieces[at];
            depth += piece.brackets();
            if depth < 0 || piece.kind == Kind::End || (depth == 0 && piece.ends_line()) {
                return at;
            }
        }
        self.pieces.len()
    }

    fn header(&mut self, kind: usize) -> usize {
        let Some(open) = (kind + 1..self.pieces.len()).find(|&at| self.kind(at) == Kind::OpenBrace) else {
            return kind + 1;
        };
        let last_label = (kind..open)
            .rfind(|&at| self.kind(at) != Kind::Comment)
            .unwrap_or(kind);
        for at in kind + 1..open {
            let piece = &self.pieces[at];
            match piece.kind {
                // Labels are written anew, without the comments before them, as Terraform does it.
                Kind::Comment if at < last_label => {}
                Kind::Ident => {
                    self.out.extend([
                        token(Kind::OpenQuote, "\""),
                        token(Kind::Quoted, piece.text.clone()),
                        token(Kind::CloseQuote, "\""),
                    ]);
                }
                Kind::Quoted => self.out.push(token(Kind::Quoted, spelled(&piece.text))),
                _ => self.out.push(piece.clone()),
            }
        }
        self.out.push(self.pieces[open].clone());
        self.blocks.push(self.pieces[kind].text.clone());
        open + 1
    }
}

fn token<'t>(kind: Kind, text: impl Into<Cow<'t, str>>) -> Piece<'t> {
    Piece {
        kind,
        text: text.into(),
        spaces: 0,
    }
}

/// A label's text with the escapes it needs and no others.
fn spelled<'t>(text: &Cow<'t, str>) -> Cow<'t, str> {
    let is_plain = |c: char| matches!(c, ' '..='~') && !matches!(c, '\\' | '$' | '%');
    if text.chars().all(is_plain) {
        return text.clone();
    }
    let Some(plain) = crate::lang::syntax::parse::unescaped(text) else {
        return text.clone();
    };
    let quoted = quote(&plain);
    Cow::Owned(quoted[1..quoted.len() - 1].to_owned())
}

fn kinds(pieces: &[Piece<'_>]) -> Vec<Kind> {
    pieces.iter().map(|piece| piece.kind).collect()
}

/// `"string"` was how types were written once; a collection without element type holds anything.
fn modern_type<'t>(expr: &[Piece<'t>]) -> Vec<Piece<'t>> {
    let of = |collection: &Piece<'t>, element: &'static str| {
        vec![
            Piece {
                kind: Kind::Ident,
                ..collection.clone()
            },
            token(Kind::OpenParen, "("),
            token(Kind::Ident, element),
            token(Kind::CloseParen, ")"),
        ]
    };
    match (expr, &*kinds(expr)) {
        ([word], [Kind::Ident]) if matches!(&*word.text, "list" | "map" | "set") => of(word, "any"),
        ([_, word, _], [Kind::OpenQuote, Kind::Quoted, Kind::CloseQuote]) => match &*word.text {
            "string" => vec![token(Kind::Ident, "string")],
            "list" | "map" => of(word, "string"),
            _ => expr.to_vec(),
        },
        _ => expr.to_vec(),
    }
}

/// `"${x}"` becomes `x`, in parentheses where it spans lines.
fn unwrapped<'t>(expr: &[Piece<'t>]) -> Vec<Piece<'t>> {
    let [first, second, inner @ .., before_last, last] = expr else {
        return expr.to_vec();
    };
    let is_sequence = first.kind == Kind::OpenQuote
        && second.kind == Kind::OpenInterpolation
        && before_last.kind == Kind::CloseTemplate
        && last.kind == Kind::CloseQuote;
    if !is_sequence || inner.is_empty() || !is_one_expression(inner) {
        return expr.to_vec();
    }
    let inner = without_newlines(inner);
    let is_multiline = inner.iter().any(|piece| piece.kind == Kind::Newline);
    let in_parens = inner.first().is_some_and(|piece| piece.kind == Kind::OpenParen)
        && inner.last().is_some_and(|piece| piece.kind == Kind::CloseParen);
    if is_multiline && !in_parens {
        let mut wrapped = vec![token(Kind::OpenParen, "(")];
        wrapped.extend_from_slice(inner);
        wrapped.push(token(Kind::CloseParen, ")"));
        return wrapped;
    }
    inner.to_vec()
}

/// Whether no further template sequence or text stands beside the first.
fn is_one_expression(inner: &[Piece<'_>]) -> bool {
    let mut quotes = 0_usize;
    for piece in inner {
        match piece.kind {
            Kind::OpenQuote => quotes += 1,
            Kind::CloseQuote => quotes = quotes.saturating_sub(1),
            Kind::OpenInterpolation | Kind::CloseTemplate | Kind::Quoted if quotes == 0 => return false,
            _ => {}
        }
    }
    true
}

fn without_newlines<'a, 't>(mut pieces: &'a [Piece<'t>]) -> &'a [Piece<'t>] {
    while let [first, rest @ ..] = pieces
        && first.kind == Kind::Newline
    {
        pieces = rest;
    }
    while let [rest @ .., last] = pieces
        && last.kind == Kind::Newline
    {
        pieces = rest;
    }
    pieces
}
