//! Templates: quoted strings and heredocs into parts.
//!
//! A template is first laid out flat, as a row of literals and marks, because trim markers and the indent of
//! a heredoc act on neighbours in that row, whatever nests in what. Then the row is nested into parts.

use std::vec::IntoIter;

use super::{Parsed, Parser, Reported};
use crate::addr::Text;
use crate::diag::Span;
use crate::lang::syntax::scan::{Kind, Token};
use crate::lang::syntax::tree::{Expr, ExprKind, TemplatePart};
use crate::value::Value;

/// One piece of a template laid out flat.
enum Piece {
    Literal(String),
    Mark(Mark, Strip),
}

/// On which sides a mark has a `~`.
#[derive(Clone, Copy)]
struct Strip {
    before: bool,
    after: bool,
}

/// What stands between `${` or `%{` and `}`.
enum Mark {
    Interpolation(Expr),
    If(Expr, Span),
    Else,
    EndIf,
    For {
        key: Option<Text>,
        value: Text,
        collection: Expr,
        span: Span,
    },
    EndFor,
}

impl Parser<'_> {
    /// `"..."`
    pub(super) fn quoted_template(&mut self) -> Parsed<Expr> {
        let open = self.next();
        let pieces = self.pieces(open)?;
        Ok(Expr {
            kind: finish(pieces, false),
            span: self.since(open),
        })
    }

    /// `<<EOT` or `<<-EOT`
    pub(super) fn heredoc(&mut self) -> Parsed<Expr> {
        let open = self.next();
        let pieces = self.pieces(open)?;
        let is_flush = self.source(open).starts_with("<<-");
        Ok(Expr {
            kind: finish(pieces, is_flush),
            span: self.since(open),
        })
    }

    /// The whole text as a template.
    pub(in super::super) fn whole_template(&mut self) -> Parsed<ExprKind> {
        let start = Token {
            kind: Kind::End,
            start: 0,
            end: 0,
        };
        Ok(finish(self.pieces(start)?, false))
    }

    // ---- laying out ----------------------------------------------------------------------------------------

    /// All up to the end that belongs to `open`, which is taken.
    fn pieces(&mut self, open: Token) -> Parsed<Vec<Piece>> {
        let mut pieces = Vec::new();
        // The directives that are open, each with where it stands and whether its `else` has been.
        let mut directives: Vec<(&'static str, Span, bool)> = Vec::new();
        loop {
            let token = self.next_raw();
            match token.kind {
                Kind::Quoted => {
                    let mut text = String::new();
                    self.unescape(token, &mut text)?;
                    pieces.push(Piece::Literal(text));
                }
                Kind::Line => {
                    let source = self.source(token);
                    let text = source.replace("$${", "${").replace("%%{", "%{");
                    pieces.push(Piece::Literal(text));
                }
                Kind::OpenInterpolation => {
                    let expr = self.with_newlines(false, Self::expression)?;
                    let strip = self.close_sequence(token, "interpolation")?;
                    pieces.push(Piece::Mark(Mark::Interpolation(expr), strip));
                }
                Kind::OpenDirective => {
                    let (mark, strip) = self.directive(token, &mut directives)?;
                    pieces.push(Piece::Mark(mark, strip));
                }
                Kind::CloseQuote | Kind::CloseHeredoc => break,
                Kind::End if open.kind == Kind::End => break,
                _ => return Err(self.unterminated_string(token, open)),
            }
        }
        match directives.pop() {
            None => Ok(pieces),
            Some((name, at, _)) => {
                let detail =
                    format!("The {name} directive here is missing its corresponding end{name} directive.");
                Err(self.report("Unexpected end of template", detail, at))
            }
        }
    }

    fn close_sequence(&mut self, open: Token, what: &str) -> Parsed<Strip> {
        let token = self.with_newlines(false, |parser| Ok(parser.peek()))?;
        if token.kind != Kind::CloseTemplate {
            self.refuse_strange(token)?;
            if token.kind == Kind::End {
                let span = self.span(open);
                let detail =
                    format!("There is no closing brace for this {what} sequence before the end of the file.");
                return Err(self.report(&format!("Unclosed template {what} sequence"), detail, span));
            }
            let span = self.span(token);
            return Err(self.report(
                &format!("Extra characters after {what} expression"),
                "Expected a closing brace to end the expression, but found extra characters.",
                span,
            ));
        }
        self.next_raw();
        Ok(Strip {
            before: self.source(open).ends_with('~'),
            after: self.source(token).starts_with('~'),
        })
    }

    fn directive(
        &mut self,
        open: Token,
        directives: &mut Vec<(&'static str, Span, bool)>,
    ) -> Parsed<(Mark, Strip)> {
        let span = self.span(open);
        let mut mark = self.with_newlines(false, |parser| {
            let word = parser.next();
            match parser.source(word) {
                "if" => {
                    directives.push(("if", span, false));
                    Ok(Mark::If(parser.expression()?, span))
                }
                "for" => {
                    directives.push(("for", span, false));
                    let (key, value) = parser.for_names("For directive")?;
                    let collection = parser.expression()?;
                    Ok(Mark::For {
                        key,
                        value,
                        collection,
                        span,
                    })
                }
                "else" => match directives.last_mut() {
                    Some(("if", _, had_else)) if !*had_else => {
                        *had_else = true;
                        Ok(Mark::Else)
                    }
                    _ => Err(parser.unbalanced("else", word)),
                },
                "endif" if directives.last().is_some_and(|open| open.0 == "if") => {
                    directives.pop();
                    Ok(Mark::EndIf)
                }
                "endfor" if directives.last().is_some_and(|open| open.0 == "for") => {
                    directives.pop();
                    Ok(Mark::EndFor)
                }
                name @ ("endif" | "endfor") => Err(parser.unbalanced(name, word)),
                _ => {
                    let at = parser.span(word);
                    Err(parser.report(
                        "Invalid template control keyword",
                        "A template control sequence begins with if, else, endif, for or endfor. \
                         To write the symbols themselves, double the percent sign: %%{.",
                        at,
                    ))
                }
            }
        })?;
        if directives.len() > super::DEPTH_LIMIT as usize / 2 {
            return Err(self.too_deep());
        }
        let strip = self.close_sequence(open, "directive")?;
        if let Mark::If(_, at) | Mark::For { span: at, .. } = &mut mark {
            *at = self.since(open);
        }
        Ok((mark, strip))
    }

    fn unbalanced(&mut self, name: &str, at: Token) -> Reported {
        let at = self.span(at);
        self.report(
            &format!("Unexpected {name} directive"),
            "The control directives within this template are unbalanced.",
            at,
        )
    }

    // ---- strings -------------------------------------------------------------------------------------------

    pub(super) fn unterminated_string(&mut self, token: Token, open: Token) -> Reported {
        if token.kind == Kind::QuotedNewline {
            let at = self.span_at(token.start as usize, token.start as usize + 1);
            return self.report(
                "Invalid multi-line string",
                "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use \
                 the \\n escape to represent a newline character or use the \"heredoc\" multi-line template syntax.",
                at,
            );
        }
        let span = self.span(open);
        if open.kind == Kind::OpenHeredoc {
            return self.report(
                "Unterminated template string",
                "No line that holds only the marker of this heredoc ends it before the end of the file.",
                span,
            );
        }
        self.report(
            "Unterminated template string",
            "No closing marker was found for the string.",
            span,
        )
    }

    /// Adds the text of a piece of a quoted string, escapes processed.
    pub(super) fn unescape(&mut self, token: Token, out: &mut String) -> Parsed<()> {
        unescape(self.source(token), out).map_err(|at| self.bad_escape(token, at))
    }

    fn bad_escape(&mut self, token: Token, offset: usize) -> Reported {
        let start = token.start as usize + offset;
        let selector = self.text[start + 1..].chars().next().filter(|c| !c.is_control());
        let end = start + 1 + selector.map_or(0, char::len_utf8);
        let detail = match selector {
            Some('u') => {
                "The \\u escape sequence must be followed by four hexadecimal digits of a character."
                    .to_owned()
            }
            Some('U') => {
                "The \\U escape sequence must be followed by eight hexadecimal digits of a character."
                    .to_owned()
            }
            Some(c) => format!("The symbol \"{c}\" is not a valid escape sequence selector."),
            None => "A backslash must be followed by an escape sequence selector.".to_owned(),
        };
        let at = self.span_at(start, end);
        self.report("Invalid escape sequence", detail, at)
    }
}

/// Adds the text with its escapes processed, or says where a wrong one stands.
pub(super) fn unescape(source: &str, out: &mut String) -> Result<(), usize> {
    let mut rest = source;
    while let Some(at) = rest.find(['\\', '$', '%']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$${").or_else(|| rest.strip_prefix("%%{")) {
            out.push_str(&rest[1..3]);
            rest = after;
        } else if rest.starts_with('\\') {
            let (c, len) = escape(rest).ok_or(source.len() - rest.len())?;
            out.push(c);
            rest = &rest[len..];
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    Ok(())
}

/// The character that an escape at the start of the text stands for, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    let digits = |len: usize| {
        let digits = text
            .get(2..2 + len)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let code = u32::from_str_radix(digits, 16).ok()?;
        Some((char::from_u32(code)?, 2 + len))
    };
    Some(match text.as_bytes().get(1)? {
        b'n' => ('\n', 2),
        b'r' => ('\r', 2),
        b't' => ('\t', 2),
        b'"' => ('"', 2),
        b'\\' => ('\\', 2),
        b'u' => digits(4)?,
        b'U' => digits(8)?,
        _ => return None,
    })
}

fn finish(mut tokens: Vec<Piece>, is_flush: bool) -> ExprKind {
    trim(&mut tokens);
    if is_flush {
        flush(&mut tokens);
    }
    if tokens.iter().all(|token| matches!(token, Piece::Literal(_))) {
        let text: String = tokens
            .into_iter()
            .map(|token| match token {
                Piece::Literal(text) => text,
                Piece::Mark(..) => String::new(),
            })
            .collect();
        return ExprKind::Literal(Value::string(&text));
    }
    let is_alone = tokens.len() == 1;
    let mut parts = nest(&mut tokens.into_iter()).0;
    if is_alone
        && matches!(parts.first(), Some(TemplatePart::Interpolation(_)))
        && let Some(TemplatePart::Interpolation(expr)) = parts.pop()
    {
        return ExprKind::Interpolation(Box::new(expr));
    }
    ExprKind::Template(parts)
}

// ---- white space -----------------------------------------------------------------------------------------------

/// Applies `~`: each reaches over one literal only.
fn trim(tokens: &mut [Piece]) {
    for at in 0..tokens.len() {
        let Piece::Mark(_, strip) = &tokens[at] else {
            continue;
        };
        let (before, after) = (strip.before, strip.after);
        if before
            && at > 0
            && let Piece::Literal(text) = &mut tokens[at - 1]
        {
            text.truncate(text.trim_end().len());
        }
        if after && let Some(Piece::Literal(text)) = tokens.get_mut(at + 1) {
            text.drain(..text.len() - text.trim_start().len());
        }
    }
}

/// Takes away the indent that all lines share.
fn flush(tokens: &mut [Piece]) {
    let mut smallest = usize::MAX;
    let mut is_line_start = true;
    let mut starts = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Piece::Literal(text) => {
                let is_blank = text.ends_with('\n') && text.trim().is_empty();
                if is_line_start && !is_blank {
                    let spaces = text.chars().take_while(|c| c.is_whitespace()).count();
                    smallest = smallest.min(spaces);
                    starts.push(at);
                }
                is_line_start = text.ends_with('\n');
            }
            Piece::Mark(..) => {
                if is_line_start {
                    smallest = 0;
                }
                is_line_start = false;
            }
        }
    }
    for at in starts {
        if let Piece::Literal(text) = &mut tokens[at] {
            let cut = text
                .char_indices()
                .nth(smallest)
                .map_or(text.len(), |(byte, _)| byte);
            text.drain(..cut);
        }
    }
}

// ---- nesting ---------------------------------------------------------------------------------------------------

/// What ended a row of parts.
#[derive(PartialEq)]
enum Ended {
    ByElse,
    Otherwise,
}

fn nest(tokens: &mut IntoIter<Piece>) -> (Vec<TemplatePart>, Ended) {
    let mut parts = Vec::new();
    let mut literal = String::new();
    while let Some(token) = tokens.next() {
        let mark = match token {
            Piece::Literal(text) => {
                literal.push_str(&text);
                continue;
            }
            Piece::Mark(mark, _) => mark,
        };
        settle(&mut literal, &mut parts);
        match mark {
            Mark::Interpolation(expr) => parts.push(TemplatePart::Interpolation(expr)),
            Mark::If(condition, span) => {
                let (then, end) = nest(tokens);
                let otherwise = if end == Ended::ByElse {
                    nest(tokens).0
                } else {
                    Vec::new()
                };
                parts.push(TemplatePart::If {
                    condition,
                    then,
                    otherwise,
                    span,
                });
            }
            Mark::For {
                key,
                value,
                collection,
                span,
            } => parts.push(TemplatePart::For {
                key,
                value,
                collection,
                body: nest(tokens).0,
                span,
            }),
            Mark::Else => return (parts, Ended::ByElse),
            Mark::EndIf | Mark::EndFor => return (parts, Ended::Otherwise),
        }
    }
    settle(&mut literal, &mut parts);
    (parts, Ended::Otherwise)
}

/// Ends the literal being gathered: neighbours are one, empty ones are none.
fn settle(literal: &mut String, parts: &mut Vec<TemplatePart>) {
    if !literal.is_empty() {
        parts.push(TemplatePart::Literal(super::normal(literal)));
        literal.clear();
    }
}
