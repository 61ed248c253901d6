//! Templates: quoted strings and heredocs into parts.
//!
//! A template is first laid out flat, as a row of literals and markers, because trim markers and the indent of
//! a heredoc act on neighbours in that row, whatever nests in what. Then the row is nested into parts.

use std::ops::Range;
use std::vec::IntoIter;

use hcl_edit::Span as _;
use hcl_edit::template::{Directive, Element, HeredocTemplate, Strip};

use crate::addr::Text;
use crate::diag::Span;
use crate::value::Value;

use super::convert::Converter;
use super::tree::{Expr, ExprKind, TemplatePart};

/// One token of a template laid out flat.
enum Token {
    Literal(String),
    Mark(Mark, Strip),
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

/// How literals are read from the source.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// Between quotes: hcl-edit has processed the escapes.
    Quoted,
    /// No escapes but of the markers; every line is a token of its own.
    Lines,
}

/// A quoted string with interpolations.
pub(super) fn quoted<'e>(
    converter: &mut Converter<'_>,
    elements: impl Iterator<Item = &'e Element>,
) -> ExprKind {
    finish(flatten(converter, elements, Form::Quoted), false)
}

/// `<<EOT` or `<<-EOT`
pub(super) fn heredoc(
    converter: &mut Converter<'_>,
    heredoc: &HeredocTemplate,
    range: &Range<usize>,
) -> ExprKind {
    let tokens = flatten(converter, heredoc.template.iter(), Form::Lines);
    let is_flush = converter.source(range).starts_with("<<-");
    finish(tokens, is_flush)
}

/// A text that is a template as a whole.
pub(super) fn bare<'e>(
    converter: &mut Converter<'_>,
    elements: impl Iterator<Item = &'e Element>,
) -> ExprKind {
    finish(flatten(converter, elements, Form::Lines), false)
}

fn finish(mut tokens: Vec<Token>, is_flush: bool) -> ExprKind {
    trim(&mut tokens);
    if is_flush {
        flush(&mut tokens);
    }
    if tokens.iter().all(|token| matches!(token, Token::Literal(_))) {
        let text: String = tokens
            .into_iter()
            .map(|token| match token {
                Token::Literal(text) => text,
                Token::Mark(..) => String::new(),
            })
            .collect();
        return ExprKind::Literal(Value::string(&text));
    }
    let is_alone = tokens.len() == 1;
    let mut parts = nest(&mut tokens.into_iter()).0;
    if is_alone && matches!(parts.first(), Some(TemplatePart::Interpolation(_))) {
        if let Some(TemplatePart::Interpolation(expr)) = parts.pop() {
            return ExprKind::Interpolation(Box::new(expr));
        }
    }
    ExprKind::Template(parts)
}

// ---- laying out ------------------------------------------------------------------------------------------------

fn flatten<'e>(
    converter: &mut Converter<'_>,
    elements: impl Iterator<Item = &'e Element>,
    form: Form,
) -> Vec<Token> {
    let mut tokens = Vec::new();
    lay_out(converter, elements, form, &mut tokens);
    tokens
}

fn lay_out<'e>(
    converter: &mut Converter<'_>,
    elements: impl Iterator<Item = &'e Element>,
    form: Form,
    tokens: &mut Vec<Token>,
) {
    for element in elements {
        let range = element.span().unwrap_or_default();
        match element {
            Element::Literal(text) if form == Form::Quoted => {
                converter.refuse_newline(&range);
                tokens.push(Token::Literal(text.value().clone()));
            }
            Element::Literal(text) => {
                // hcl-edit has taken the indent away already: the source still has it.
                let range = text.span().unwrap_or(range);
                for line in converter.source(&range).split_inclusive('\n') {
                    tokens.push(Token::Literal(line.replace("$${", "${").replace("%%{", "%{")));
                }
            }
            Element::Interpolation(interpolation) => {
                let expr = converter.expr(&interpolation.expr);
                tokens.push(Token::Mark(Mark::Interpolation(expr), interpolation.strip));
            }
            Element::Directive(directive) => lay_out_directive(converter, directive, range, form, tokens),
        }
    }
}

fn lay_out_directive(
    converter: &mut Converter<'_>,
    directive: &Directive,
    range: Range<usize>,
    form: Form,
    tokens: &mut Vec<Token>,
) {
    let span = converter.span(&range);
    match directive {
        Directive::If(choice) => {
            let condition = converter.expr(&choice.if_expr.cond_expr);
            tokens.push(Token::Mark(Mark::If(condition, span), choice.if_expr.strip));
            lay_out(converter, choice.if_expr.template.iter(), form, tokens);
            if let Some(otherwise) = &choice.else_expr {
                tokens.push(Token::Mark(Mark::Else, otherwise.strip));
                lay_out(converter, otherwise.template.iter(), form, tokens);
            }
            tokens.push(Token::Mark(Mark::EndIf, choice.endif_expr.strip));
        }
        Directive::For(each) => {
            let intro = &each.for_expr;
            let mark = Mark::For {
                key: intro.key_var.as_ref().map(|name| converter.ident(name).0),
                value: converter.ident(&intro.value_var).0,
                collection: converter.expr(&intro.collection_expr),
                span,
            };
            tokens.push(Token::Mark(mark, intro.strip));
            lay_out(converter, intro.template.iter(), form, tokens);
            tokens.push(Token::Mark(Mark::EndFor, each.endfor_expr.strip));
        }
    }
}

// ---- white space -----------------------------------------------------------------------------------------------

/// Applies `~`: each reaches over one literal only.
fn trim(tokens: &mut [Token]) {
    for at in 0..tokens.len() {
        let Token::Mark(_, strip) = &tokens[at] else {
            continue;
        };
        let (before, after) = (
            matches!(strip, Strip::Start | Strip::Both),
            matches!(strip, Strip::End | Strip::Both),
        );
        if before && at > 0 {
            if let Token::Literal(text) = &mut tokens[at - 1] {
                text.truncate(text.trim_end().len());
            }
        }
        if after {
            if let Some(Token::Literal(text)) = tokens.get_mut(at + 1) {
                text.drain(..text.len() - text.trim_start().len());
            }
        }
    }
}

/// Takes away the indent that all lines share.
fn flush(tokens: &mut [Token]) {
    let mut smallest = usize::MAX;
    let mut is_line_start = true;
    let mut starts = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Literal(text) => {
                if is_line_start {
                    let spaces = text.chars().take_while(|c| c.is_whitespace()).count();
                    smallest = smallest.min(spaces);
                    starts.push(at);
                }
                is_line_start = text.ends_with('\n');
            }
            Token::Mark(..) => {
                if is_line_start {
                    smallest = 0;
                }
                is_line_start = false;
            }
        }
    }
    for at in starts {
        if let Token::Literal(text) = &mut tokens[at] {
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
enum End {
    Tokens,
    Else,
    EndIf,
    EndFor,
}

fn nest(tokens: &mut IntoIter<Token>) -> (Vec<TemplatePart>, End) {
    let mut parts = Vec::new();
    let mut literal = String::new();
    while let Some(token) = tokens.next() {
        let mark = match token {
            Token::Literal(text) => {
                literal.push_str(&text);
                continue;
            }
            Token::Mark(mark, _) => mark,
        };
        settle(&mut literal, &mut parts);
        match mark {
            Mark::Interpolation(expr) => parts.push(TemplatePart::Interpolation(expr)),
            Mark::If(condition, span) => {
                let (then, end) = nest(tokens);
                let otherwise = if end == End::Else {
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
            Mark::Else => return (parts, End::Else),
            Mark::EndIf => return (parts, End::EndIf),
            Mark::EndFor => return (parts, End::EndFor),
        }
    }
    settle(&mut literal, &mut parts);
    (parts, End::Tokens)
}

/// Ends the literal being gathered: neighbours are one, empty ones are none.
fn settle(literal: &mut String, parts: &mut Vec<TemplatePart>) {
    if !literal.is_empty() {
        parts.push(TemplatePart::Literal(super::convert::normal(literal)));
        literal.clear();
    }
}
