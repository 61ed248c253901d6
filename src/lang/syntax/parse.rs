//! Tokens to bodies and blocks. After an error it goes on with the next item, so that independent mistakes are
//! all reported.

mod brackets;
mod expression;
mod places;
mod recovery;
mod steps;
mod template;

use indexmap::IndexMap;

use crate::addr::Text;
use crate::diag::{Diagnostic, Diagnostics, FileId, Span};
use crate::value::Value;

pub(super) use self::places::Places;
use super::scan::{Kind, Token};
use super::tree::{Attribute, Block, Body, Expr, Label};

/// How deep expressions, templates and blocks may nest, chains of operators counted. Deeper trees would endanger
/// the stack of whoever walks them.
pub(super) const DEPTH_LIMIT: u32 = 250;

/// More words, signs and lines than any file needs; the tree of these stays below some 250 MiB.
const TOKEN_LIMIT: usize = 2_500_000;
/// More blocks than any file needs: each of them costs much more than a word.
const BLOCK_LIMIT: u32 = 100_000;

/// Nobody reads more errors about one file.
const ERROR_LIMIT: usize = 50;

/// The mark of an error that has been reported.
pub(super) struct Reported;

/// What the parsing functions give.
pub(super) type Parsed<T> = Result<T, Reported>;

/// A row of tokens being read.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    places: Places<'t>,
    tokens: Vec<Token>,
    at: usize,
    /// Whether newlines mean something here; inside brackets they do not.
    pub(super) sees_newlines: bool,
    pub(super) errors: Diagnostics,
    depth: u32,
    /// How high the tree is that grew in the present nesting.
    height: u32,
    names: IndexMap<&'t str, Text>,
    blocks: u32,
    /// Where the search for the next item begins after an error.
    resume: usize,
    /// Set by an error after which nothing more can be said.
    has_given_up: bool,
    /// Where the last token that was taken ends.
    last_end: u32,
}

impl<'t> Parser<'t> {
    pub(super) fn new(file: FileId, text: &'t str, base: usize, tokens: Vec<Token>) -> Self {
        Self::inside(text, Places::new(file, base, &[]), 0, tokens)
    }

    /// A parser of a text that stands so many levels deep inside another.
    pub(super) fn inside(text: &'t str, places: Places<'t>, depth: u32, tokens: Vec<Token>) -> Self {
        let mut parser = Self {
            text,
            places,
            tokens,
            at: 0,
            sees_newlines: true,
            errors: Diagnostics::new(),
            depth,
            height: 0,
            names: IndexMap::new(),
            blocks: 0,
            resume: 0,
            has_given_up: false,
            last_end: 0,
        };
        if let Some(&token) = parser.tokens.get(TOKEN_LIMIT) {
            parser.too_large(token, "2.5 million words, signs and lines");
            // The last one is the end.
            parser.tokens.drain(..parser.at);
            parser.at = 0;
        }
        parser
    }

    // ---- tokens --------------------------------------------------------------------------------------------

    /// The next token that means something here, comments left out. A comment that ends its line counts as a
    /// newline.
    pub(super) fn peek(&mut self) -> Token {
        loop {
            let token = self.tokens[self.at];
            match token.kind {
                Kind::Newline if !self.sees_newlines => {}
                Kind::Comment if self.sees_newlines && self.source(token).ends_with('\n') => {
                    return Token {
                        kind: Kind::Newline,
                        ..token
                    };
                }
                Kind::Comment => {}
                _ => return token,
            }
            self.at += 1;
        }
    }

    pub(super) fn next(&mut self) -> Token {
        self.peek();
        self.next_raw()
    }

    /// Takes the next token if it is of this kind.
    pub(super) fn take(&mut self, kind: Kind) -> Option<Token> {
        (self.peek().kind == kind).then(|| self.next())
    }

    /// The kind of the token after the next.
    pub(super) fn peek_second(&mut self) -> Kind {
        self.peek();
        let at = self.at;
        self.at = (at + 1).min(self.tokens.len() - 1);
        let kind = self.peek().kind;
        self.at = at;
        kind
    }

    pub(super) fn is_word(&mut self, word: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Ident && self.source(token) == word
    }

    /// Takes the next token as it stands, be it a newline or a comment.
    pub(super) fn next_raw(&mut self) -> Token {
        let token = self.tokens[self.at];
        if token.kind != Kind::End {
            self.at += 1;
            self.last_end = token.end;
        }
        token
    }

    pub(super) fn source(&self, token: Token) -> &'t str {
        &self.text[token.range()]
    }

    pub(super) fn span(&self, token: Token) -> Span {
        self.span_at(token.start as usize, token.end as usize)
    }

    /// A part of a token, by offsets in the text.
    pub(super) fn span_at(&self, start: usize, end: usize) -> Span {
        self.places.span(start, end)
    }

    /// Where the last token that was taken ends.
    pub(super) fn last_end(&self) -> u32 {
        self.span_at(0, self.last_end as usize).end
    }

    /// A name: equal ones share their memory.
    pub(super) fn name(&mut self, token: Token) -> Text {
        let source = self.source(token);
        self.names.entry(source).or_insert_with(|| normal(source)).clone()
    }

    // ---- errors --------------------------------------------------------------------------------------------

    pub(super) fn report(&mut self, summary: &str, detail: impl Into<String>, at: Span) -> Reported {
        self.push(Diagnostic::error(summary, detail).at(at))
    }

    pub(super) fn push(&mut self, error: Diagnostic) -> Reported {
        // What follows from reading no further is no news.
        if self.errors.len() < ERROR_LIMIT && !self.has_given_up {
            self.errors.push(error);
        }
        Reported
    }

    /// Runs `inner` one level deeper, unless that is too deep.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEPTH_LIMIT {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.height);
        let result = inner(self);
        self.depth -= 1;
        self.height = outer.max(self.height + 1);
        result
    }

    /// Counts a level that is put on top of what was read: an operator, a step.
    pub(super) fn grow(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height > DEPTH_LIMIT {
            return Err(self.too_deep());
        }
        Ok(())
    }

    /// What the limit counts is in `most`; the rest stays unread.
    fn too_large(&mut self, token: Token, most: &str) -> Reported {
        let span = self.span(token);
        self.errors = Diagnostics::new();
        let detail = format!(
            "A file may hold at most {most}, which end here. Split it in several files, or read large values with \
             jsondecode(file()) and the like."
        );
        let reported = self.report("Configuration too large", detail, span);
        self.give_up();
        reported
    }

    /// Leaves the rest of the text unread.
    fn give_up(&mut self) {
        self.has_given_up = true;
        self.at = self.tokens.len() - 1;
    }

    pub(super) fn too_deep(&mut self) -> Reported {
        let at = self.peek();
        let detail = format!(
            "Blocks, brackets, templates and chains of operators may nest at most {DEPTH_LIMIT} levels deep."
        );
        let span = self.span(at);
        let reported = self.report("Configuration is nested too deeply", detail, span);
        self.give_up();
        reported
    }

    // ---- whole texts ---------------------------------------------------------------------------------------

    /// All items of a file. Its errors are in [`Self::errors`].
    pub(super) fn file(&mut self) -> Body {
        loop {
            let body = self.body(0);
            let stray = self.peek();
            if stray.kind == Kind::End {
                return body;
            }
            let span = self.span(stray);
            self.report(
                "Argument or block definition required",
                "An argument or block definition is required here. This closing brace closes nothing: there may \
                 be one too many before.",
                span,
            );
            self.next();
        }
    }

    /// An expression and nothing else.
    pub(super) fn lone_expression(&mut self) -> Parsed<Expr> {
        self.sees_newlines = false;
        let expr = self.expression()?;
        let token = self.peek();
        if token.kind == Kind::End {
            return Ok(expr);
        }
        self.refuse_strange(token)?;
        let span = self.span(token);
        Err(self.report(
            "Extra characters after expression",
            "An expression was successfully parsed, but extra characters were found after it.",
            span,
        ))
    }

    // ---- bodies --------------------------------------------------------------------------------------------

    /// All items up to the closing brace, which is left, or to the end.
    pub(super) fn body(&mut self, start: usize) -> Body {
        let mut attributes: Vec<Attribute> = Vec::new();
        let mut seen: IndexMap<Text, Span> = IndexMap::new();
        let mut blocks = Vec::new();
        let mut has_failed = false;
        loop {
            self.sees_newlines = true;
            let token = self.peek();
            self.resume = self.at;
            let done = match token.kind {
                Kind::Newline => {
                    self.next();
                    Ok(())
                }
                Kind::End | Kind::CloseBrace => break,
                Kind::Ident => self.item(token, &mut attributes, &mut blocks, &mut seen),
                // What follows a mistake and begins no item belongs to the mistake.
                _ if has_failed => Err(Reported),
                _ => Err(self.no_item(token)),
            };
            has_failed = done.is_err() || (has_failed && token.kind == Kind::Newline);
            if done.is_err() {
                self.recover();
            }
        }
        let end = self.peek().start as usize;
        Body {
            attributes,
            blocks,
            undecided: Vec::new(),
            span: self.span_at(start, end),
        }
    }

    fn item(
        &mut self,
        name: Token,
        attributes: &mut Vec<Attribute>,
        blocks: &mut Vec<Block>,
        seen: &mut IndexMap<Text, Span>,
    ) -> Parsed<()> {
        self.next();
        let token = self.peek();
        match token.kind {
            Kind::Assign => {
                let attribute = self.attribute(name)?;
                self.end_of_line(
                    "Missing newline after argument",
                    "An argument definition must end with a newline.",
                )?;
                self.keep(attribute, attributes, seen);
            }
            Kind::OpenQuote | Kind::OpenBrace | Kind::Ident => {
                let block = self.nested(|parser| parser.block(name))?;
                blocks.push(block);
                self.resume = self.at;
                self.end_of_line(
                    "Missing newline after block definition",
                    "A block definition must end with a newline.",
                )?;
            }
            _ => return Err(self.no_definition(name, token)),
        }
        Ok(())
    }

    fn keep(
        &mut self,
        attribute: Attribute,
        attributes: &mut Vec<Attribute>,
        seen: &mut IndexMap<Text, Span>,
    ) {
        let name = attribute.name.clone();
        if let Some(first) = seen.insert(name, attribute.name_span) {
            let detail = format!(
                "The argument \"{}\" was already set. Each argument may be set only once.",
                attribute.name
            );
            self.push(
                Diagnostic::error("Attribute redefined", detail)
                    .at(attribute.name_span)
                    .label(first, "first set here"),
            );
        }
        attributes.push(attribute);
    }

    /// `= expression`, the name being read.
    fn attribute(&mut self, name: Token) -> Parsed<Attribute> {
        self.next();
        let expr = self.expression()?;
        let name_span = self.span(name);
        Ok(Attribute {
            name: self.name(name),
            name_span,
            span: name_span.to(expr.span),
            expr,
        })
    }

    fn end_of_line(&mut self, summary: &str, detail: &str) -> Parsed<()> {
        self.sees_newlines = true;
        let token = self.peek();
        match token.kind {
            Kind::Newline => {
                self.next();
                Ok(())
            }
            Kind::End => Ok(()),
            _ => {
                self.refuse_strange(token)?;
                Err(self.report(summary, detail, self.span(token)))
            }
        }
    }

    fn block(&mut self, kind: Token) -> Parsed<Block> {
        self.blocks += 1;
        if self.blocks > BLOCK_LIMIT {
            return Err(self.too_large(kind, "100,000 blocks"));
        }
        let labels = self.labels()?;
        let open = self.next();
        let kind_span = self.span(kind);
        let header = labels.last().map_or(kind_span, |last| kind_span.to(last.span));
        let token = self.peek();
        let body = match token.kind {
            Kind::Newline | Kind::CloseBrace | Kind::End => self.body(open.end as usize),
            _ => self.one_line_body(open)?,
        };
        if self.take(Kind::CloseBrace).is_none() {
            // Of several open blocks the innermost says it all.
            if self.has_given_up {
                return Err(Reported);
            }
            let reported = self.report(
                "Unclosed configuration block",
                "There is no closing brace for this block before the end of the file. This may be caused by \
                 incorrect brace nesting elsewhere in this file.",
                self.span(open),
            );
            self.give_up();
            return Err(reported);
        }
        Ok(Block {
            kind: self.name(kind),
            kind_span,
            labels,
            body,
            header,
            span: Span {
                end: self.last_end(),
                ..kind_span
            },
        })
    }

    fn labels(&mut self) -> Parsed<Vec<Label>> {
        let mut labels = Vec::new();
        loop {
            let token = self.peek();
            match token.kind {
                Kind::OpenBrace => return Ok(labels),
                Kind::Ident => {
                    self.next();
                    labels.push(Label {
                        text: self.name(token),
                        span: self.span(token),
                    });
                }
                Kind::OpenQuote => labels.push(self.quoted_label()?),
                Kind::Assign => {
                    return Err(self.report(
                        "Invalid block definition",
                        "The equals sign \"=\" indicates an argument definition, and must not be used when \
                         defining a block.",
                        self.span(token),
                    ));
                }
                Kind::Newline | Kind::End => {
                    return Err(self.report(
                        "Invalid block definition",
                        "A block definition must have block content delimited by \"{\" and \"}\", starting on \
                         the same line as the block header.",
                        self.span(token),
                    ));
                }
                _ => {
                    self.refuse_strange(token)?;
                    return Err(self.report(
                        "Invalid block definition",
                        "Either a quoted string block label or an opening brace (\"{\") is expected here.",
                        self.span(token),
                    ));
                }
            }
        }
    }

    fn quoted_label(&mut self) -> Parsed<Label> {
        let open = self.next();
        let mut text = String::new();
        loop {
            let token = self.next_raw();
            match token.kind {
                Kind::Quoted => self.unescape(token, &mut text)?,
                Kind::CloseQuote => break,
                Kind::OpenInterpolation | Kind::OpenDirective => {
                    return Err(self.report(
                        "Invalid string literal",
                        "Template sequences are not allowed in this string. To include a literal \"$\" or \
                         \"%\", double it to escape it.",
                        self.span(token),
                    ));
                }
                _ => return Err(self.unterminated_string(token, open)),
            }
        }
        Ok(Label {
            text: normal(&text),
            span: Span {
                end: self.last_end(),
                ..self.span(open)
            },
        })
    }

    /// `{ name = value }`
    fn one_line_body(&mut self, open: Token) -> Parsed<Body> {
        let name = self.next();
        if name.kind != Kind::Ident || self.peek().kind != Kind::Assign {
            self.refuse_strange(name)?;
            let detail = if name.kind == Kind::Ident
                && matches!(self.peek().kind, Kind::OpenBrace | Kind::OpenQuote)
            {
                "A single-line block definition cannot contain another block definition. To define a nested \
                 block, place it on a line of its own within the parent block."
            } else {
                "A single-line block definition must have either nothing or exactly one argument between its \
                 braces, such as { name = value }."
            };
            return Err(self.report(
                "Invalid single-argument block definition",
                detail,
                self.span(name),
            ));
        }
        let attribute = self.attribute(name)?;
        let token = self.peek();
        if token.kind != Kind::CloseBrace {
            let detail = if token.kind == Kind::Comma || token.kind == Kind::Ident {
                "Single-line block syntax can include only one argument definition. To define multiple \
                 arguments, use the multi-line block syntax with one argument definition per line."
            } else {
                "A single-line block definition must end with a closing brace immediately after its single \
                 argument definition."
            };
            return Err(self.report(
                "Invalid single-argument block definition",
                detail,
                self.span(token),
            ));
        }
        Ok(Body {
            attributes: vec![attribute],
            blocks: Vec::new(),
            undecided: Vec::new(),
            span: self.span_at(open.end as usize, token.start as usize),
        })
    }
}

/// A name in Unicode normal form C, as all strings are.
pub(super) fn normal(text: &str) -> Text {
    if text.is_ascii() {
        return text.into();
    }
    Value::string(text)
        .as_text()
        .cloned()
        .unwrap_or_else(|| text.into())
}

/// The text between quotes with its escapes processed, if they are right.
pub(super) fn unescaped(source: &str) -> Option<String> {
    let mut text = String::with_capacity(source.len());
    template::unescape(source, &mut text).ok()?;
    Some(text)
}
