//! Steps after a term: attributes, indexes, splats.

use std::sync::Arc;

use super::{Parsed, Parser};
use crate::addr::{Reference, Text};
use crate::diag::Span;
use crate::lang::syntax::scan::{Kind, Token};
use crate::lang::syntax::tree::{Access, Expr, ExprKind, For, Key, Splat, Traversal};

/// The name under which the elements of an outer splat are bound where splats nest. No text can spell it.
const ELEMENT: &str = "*";

impl Parser<'_> {
    /// A name and steps into it.
    pub(super) fn traversal(root: Text, root_span: Span, steps: Vec<Key>) -> ExprKind {
        let names: Vec<&str> = steps
            .iter()
            .map_while(|step| match step {
                Key::Attribute(name, _) => Some(&**name),
                Key::Index(_) | Key::Legacy(..) => None,
            })
            .collect();
        let reference = Reference::parse(&root, &names).map(Arc::new).map_err(Text::from);
        ExprKind::Traversal(Box::new(Traversal {
            root,
            root_span,
            steps,
            reference,
        }))
    }

    /// All steps that follow a term.
    pub(super) fn steps(&mut self, base: Expr) -> Parsed<Expr> {
        let mut base = base;
        let mut keys = Vec::new();
        loop {
            let end = self.last_end();
            match self.peek().kind {
                Kind::Dot => {
                    let dot = self.next();
                    if let Some(star) = self.take(Kind::Star) {
                        let source = access(base, std::mem::take(&mut keys), end);
                        base = self.attribute_splat(source, dot, star)?;
                        self.grow()?;
                    } else {
                        keys.push(self.dotted()?);
                    }
                }
                Kind::OpenBracket if self.peek_second() == Kind::Star => {
                    let source = access(base, std::mem::take(&mut keys), end);
                    return self.full_splat(source);
                }
                Kind::OpenBracket => keys.push(self.index()?),
                _ => return Ok(access(base, keys, end)),
            }
        }
    }

    /// What follows a dot: a name, or a number in the old form of an index.
    fn dotted(&mut self) -> Parsed<Key> {
        let token = self.peek();
        let span = self.span(token);
        match token.kind {
            Kind::Ident => {
                self.next();
                Ok(Key::Attribute(self.name(token), span))
            }
            Kind::Number => {
                self.next();
                self.legacy_index(token)
            }
            _ => {
                self.refuse_strange(token)?;
                Err(self.report(
                    "Invalid attribute name",
                    "An attribute name is required after a dot.",
                    span,
                ))
            }
        }
    }

    fn legacy_index(&mut self, token: Token) -> Parsed<Key> {
        let span = self.span(token);
        let digits = self.source(token);
        if let Ok(index) = digits.parse() {
            return Ok(Key::Legacy(index, span));
        }
        let detail = if digits.contains('.') {
            "When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper \
             index syntax instead, like [0][1]."
        } else {
            "An index after a dot is a whole number. Use the proper index syntax instead, like [0]."
        };
        Err(self.report("Invalid legacy index syntax", detail, span))
    }

    fn index(&mut self) -> Parsed<Key> {
        let open = self.next();
        self.with_newlines(false, |parser| {
            let index = parser.expression()?;
            let token = parser.peek();
            if parser.take(Kind::CloseBracket).is_none() {
                parser.refuse_strange(token)?;
                let span = parser.span(open);
                return Err(parser.report(
                    "Missing close bracket on index",
                    "The index operator must end with a closing bracket (\"]\").",
                    span,
                ));
            }
            Ok(Key::Index(index))
        })
    }

    /// `.*`: takes the attributes that follow.
    fn attribute_splat(&mut self, source: Expr, dot: Token, star: Token) -> Parsed<Expr> {
        let marker = self.span(dot).to(self.span(star));
        let mut each = Vec::new();
        while self.take(Kind::Dot).is_some() {
            let token = self.peek();
            if token.kind == Kind::Star {
                let span = self.span(token);
                return Err(self.report(
                    "Nested splat expression not allowed",
                    "A splat expression (*) cannot be used inside another attribute-only splat expression.",
                    span,
                ));
            }
            each.push(self.dotted()?);
        }
        let span = Span {
            end: self.last_end(),
            ..source.span
        };
        let kind = ExprKind::Splat(Box::new(Splat { source, each, marker }));
        Ok(Expr { kind, span })
    }

    /// `[*]`: all that follows applies to each element. Where that holds a further splat, this one becomes a
    /// `for` over the elements, which means the same.
    fn full_splat(&mut self, source: Expr) -> Parsed<Expr> {
        let open = self.next();
        self.next();
        if self
            .with_newlines(true, |parser| Ok(parser.take(Kind::CloseBracket)))?
            .is_none()
        {
            let span = self.span(open);
            return Err(self.report(
                "Missing close bracket on splat index",
                "The star for a full splat operator must be immediately followed by a closing bracket (\"]\").",
                span,
            ));
        }
        let marker = self.since(open);
        let element = Expr {
            kind: Self::traversal(ELEMENT.into(), marker, Vec::new()),
            span: marker,
        };
        let inner = self.nested(|parser| parser.steps(element))?;
        let span = Span {
            end: self.last_end(),
            ..source.span
        };
        let splat = |source, each| ExprKind::Splat(Box::new(Splat { source, each, marker }));
        let kind = match inner.kind {
            ExprKind::Traversal(steps) if &*steps.root == ELEMENT => splat(source, steps.steps),
            kind => {
                let elements = Expr {
                    span: source.span.to(marker),
                    kind: splat(source, Vec::new()),
                };
                ExprKind::For(Box::new(For {
                    key_name: None,
                    value_name: ELEMENT.into(),
                    collection: elements,
                    key: None,
                    value: Expr {
                        kind,
                        span: inner.span,
                    },
                    condition: None,
                    grouping: false,
                }))
            }
        };
        Ok(Expr { kind, span })
    }
}

/// Steps into an expression, as far as there are any; the last ends at `end`.
fn access(base: Expr, mut keys: Vec<Key>, end: u32) -> Expr {
    if keys.is_empty() {
        return base;
    }
    let span = Span { end, ..base.span };
    let kind = match base.kind {
        ExprKind::Traversal(known) if known.steps.is_empty() => {
            Parser::traversal(known.root, known.root_span, keys)
        }
        ExprKind::Traversal(mut known) => {
            known.steps.append(&mut keys);
            ExprKind::Traversal(known)
        }
        _ => ExprKind::Access(Box::new(Access { base, steps: keys })),
    };
    Expr { kind, span }
}
