//! Tokens to expressions.

use super::{Parsed, Parser, Reported};
use crate::diag::Span;
use crate::lang::syntax::scan::{Kind, Token};
use crate::lang::syntax::tree::{BinaryOp, Call, Expr, ExprKind, For, ObjectItem, UnaryOp};
use crate::value::{Number, Type, Value};

impl Parser<'_> {
    /// An expression of any form.
    pub(in super::super) fn expression(&mut self) -> Parsed<Expr> {
        self.nested(Self::conditional)
    }

    /// Runs `inner` where newlines mean something, or where they do not.
    pub(super) fn with_newlines<T>(
        &mut self,
        seen: bool,
        inner: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let before = std::mem::replace(&mut self.sees_newlines, seen);
        let result = inner(self);
        self.sees_newlines = before;
        result
    }

    fn conditional(&mut self) -> Parsed<Expr> {
        let condition = self.operation(0)?;
        let Some(question) = self.take(Kind::Question) else {
            return Ok(condition);
        };
        let yes = self.expression()?;
        if self.take(Kind::Colon).is_none() {
            let span = self.span(question);
            return Err(self.report(
                "Missing false expression in conditional",
                "The conditional operator (...?...:...) requires a false expression, delimited by a colon.",
                span,
            ));
        }
        let no = self.expression()?;
        Ok(Expr {
            span: condition.span.to(no.span),
            kind: ExprKind::Conditional(Box::new([condition, yes, no])),
        })
    }

    /// A chain of operators that bind at least as tightly as `level`.
    fn operation(&mut self, level: u8) -> Parsed<Expr> {
        let mut left = self.term_with_steps()?;
        while let Some((op, own)) = binary(self.peek().kind).filter(|(_, own)| *own >= level) {
            self.next();
            let right = self.operation(own + 1)?;
            self.grow()?;
            left = Expr {
                span: left.span.to(right.span),
                kind: ExprKind::Binary(op, Box::new([left, right])),
            };
        }
        Ok(left)
    }

    fn term_with_steps(&mut self) -> Parsed<Expr> {
        let token = self.peek();
        let op = match token.kind {
            Kind::Minus => UnaryOp::Negate,
            Kind::Bang => UnaryOp::Not,
            _ => {
                let term = self.term(token)?;
                return self.steps(term);
            }
        };
        self.next();
        let operand = self.nested(Self::term_with_steps)?;
        Ok(Expr {
            span: self.span(token).to(operand.span),
            kind: ExprKind::Unary(op, Box::new(operand)),
        })
    }

    fn term(&mut self, token: Token) -> Parsed<Expr> {
        match token.kind {
            Kind::Number => self.number(),
            Kind::Ident => self.word(),
            Kind::OpenQuote => self.quoted_template(),
            Kind::OpenHeredoc => self.heredoc(),
            Kind::OpenParen => self.parens(),
            Kind::OpenBracket => self.with_newlines(false, Self::tuple),
            Kind::OpenBrace => self.object(),
            _ => {
                self.refuse_strange(token)?;
                let detail = if token.kind == Kind::End || token.kind == Kind::Newline {
                    "Expected the start of an expression, but found the end of the line or of the file."
                } else {
                    "Expected the start of an expression, but found an invalid expression token."
                };
                let span = self.span(token);
                Err(self.report("Invalid expression", detail, span))
            }
        }
    }

    fn number(&mut self) -> Parsed<Expr> {
        let token = self.next();
        let span = self.span(token);
        let digits = self.source(token);
        let number = digits
            .parse::<i64>()
            .ok()
            .map(Number::from)
            .or_else(|| Number::parse(digits));
        let Some(number) = number else {
            let after = digits.find(['e', 'E']).map_or("", |at| &digits[at + 1..]);
            let is_number = digits.matches('.').count() < 2 && !after.contains(['.', 'e', 'E']);
            let detail = if is_number {
                "This number is too large or too small to be represented."
            } else {
                "This is no number: only one point, and after it one exponent, may stand among the digits."
            };
            return Err(self.report("Invalid number literal", detail, span));
        };
        Ok(Expr {
            kind: ExprKind::Literal(Value::number(number)),
            span,
        })
    }

    /// A keyword, a name, or a call.
    fn word(&mut self) -> Parsed<Expr> {
        let token = self.next();
        let span = self.span(token);
        if matches!(self.peek().kind, Kind::OpenParen | Kind::DoubleColon) {
            return self.call(token);
        }
        let kind = match self.source(token) {
            "true" => ExprKind::Literal(Value::bool(true)),
            "false" => ExprKind::Literal(Value::bool(false)),
            "null" => ExprKind::Literal(Value::null(Type::Dynamic)),
            _ => Self::traversal(self.name(token), span, Vec::new()),
        };
        Ok(Expr { kind, span })
    }

    fn parens(&mut self) -> Parsed<Expr> {
        let open = self.next();
        let inner = self.with_newlines(false, |parser| {
            let inner = parser.expression()?;
            let token = parser.peek();
            if parser.take(Kind::CloseParen).is_none() {
                parser.refuse_strange(token)?;
                let span = parser.span(token);
                return Err(parser.report(
                    "Unbalanced parentheses",
                    "Expected a closing parenthesis to terminate the expression.",
                    span,
                ));
            }
            Ok(inner)
        })?;
        Ok(Expr {
            kind: ExprKind::Parens(Box::new(inner)),
            span: self.since(open),
        })
    }

    /// From a token to the last one taken.
    pub(super) fn since(&self, open: Token) -> Span {
        Span {
            end: self.last_end(),
            ..self.span(open)
        }
    }

    // ---- calls ---------------------------------------------------------------------------------------------

    fn call(&mut self, first: Token) -> Parsed<Expr> {
        let mut name = self.name(first);
        if self.peek().kind == Kind::DoubleColon {
            let mut whole = name.to_string();
            while self.take(Kind::DoubleColon).is_some() {
                let part = self.next();
                if part.kind != Kind::Ident {
                    let span = self.span(part);
                    return Err(self.report(
                        "Missing function name",
                        "A function name is required after the namespace separator \"::\".",
                        span,
                    ));
                }
                whole.push_str("::");
                whole.push_str(&self.name(part));
            }
            name = whole.into();
        }
        let name_span = self.since(first);
        if self.take(Kind::OpenParen).is_none() {
            let token = self.peek();
            let span = self.span(token);
            return Err(self.report(
                "Missing open parenthesis",
                "Function calls must have parentheses around their arguments.",
                span,
            ));
        }
        let (arguments, expand) = self.with_newlines(false, |parser| parser.arguments(name_span))?;
        let call = Call {
            name,
            name_span,
            arguments,
            expand,
        };
        Ok(Expr {
            kind: ExprKind::Call(Box::new(call)),
            span: self.since(first),
        })
    }

    fn arguments(&mut self, name: Span) -> Parsed<(Vec<Expr>, bool)> {
        let mut arguments = Vec::new();
        loop {
            if self.take(Kind::CloseParen).is_some() {
                return Ok((arguments, false));
            }
            arguments.push(self.expression()?);
            let token = self.next();
            match token.kind {
                Kind::Comma => {}
                Kind::CloseParen => return Ok((arguments, false)),
                Kind::Ellipsis => {
                    let token = self.peek();
                    if self.take(Kind::CloseParen).is_some() {
                        return Ok((arguments, true));
                    }
                    let span = self.span(token);
                    return Err(self.report(
                        "Missing closing parenthesis",
                        "An expanded function argument (with ...) must be immediately followed by closing \
                         parentheses.",
                        span,
                    ));
                }
                Kind::End => return Err(self.unterminated("function call", "parenthesis", name)),
                _ => {
                    self.refuse_strange(token)?;
                    let span = self.span(token);
                    return Err(self.report(
                        "Missing argument separator",
                        "A comma is required to separate each function argument from the next.",
                        span,
                    ));
                }
            }
        }
    }

    fn unterminated(&mut self, what: &str, bracket: &str, at: Span) -> Reported {
        let detail = format!(
            "There is no closing {bracket} for this {what} before the end of the file. This may be caused by \
             incorrect {bracket} nesting elsewhere in this file."
        );
        self.report(&format!("Unterminated {what}"), detail, at)
    }

    // ---- collections ---------------------------------------------------------------------------------------

    fn tuple(&mut self) -> Parsed<Expr> {
        let open = self.next();
        if self.is_word("for") {
            return self.for_expression(open, Kind::CloseBracket);
        }
        let mut items = Vec::new();
        while self.take(Kind::CloseBracket).is_none() {
            if self.peek().kind == Kind::End {
                let span = self.span(open);
                return Err(self.unterminated("tuple constructor expression", "bracket", span));
            }
            items.push(self.expression()?);
            let token = self.peek();
            match token.kind {
                Kind::Comma => {
                    self.next();
                }
                Kind::CloseBracket | Kind::End => {}
                _ => {
                    self.refuse_strange(token)?;
                    let span = self.span(token);
                    return Err(self.report(
                        "Missing item separator",
                        "Expected a comma to mark the beginning of the next item.",
                        span,
                    ));
                }
            }
        }
        Ok(Expr {
            kind: ExprKind::Tuple(items),
            span: self.since(open),
        })
    }

    fn object(&mut self) -> Parsed<Expr> {
        let open = self.next();
        let is_for = self.with_newlines(false, |parser| Ok(parser.is_word("for")))?;
        if is_for {
            return self.with_newlines(false, |parser| parser.for_expression(open, Kind::CloseBrace));
        }
        let items = self.with_newlines(true, |parser| parser.items(open))?;
        Ok(Expr {
            kind: ExprKind::Object(items),
            span: self.since(open),
        })
    }

    fn items(&mut self, open: Token) -> Parsed<Vec<ObjectItem>> {
        let mut items = Vec::new();
        loop {
            while self.take(Kind::Newline).is_some() {}
            if self.take(Kind::CloseBrace).is_some() {
                return Ok(items);
            }
            if self.peek().kind == Kind::End {
                let span = self.span(open);
                return Err(self.unterminated("object constructor expression", "brace", span));
            }
            items.push(self.object_item()?);
            let token = self.peek();
            match token.kind {
                Kind::Comma | Kind::Newline => {
                    self.next();
                }
                Kind::CloseBrace | Kind::End => {}
                _ => {
                    self.refuse_strange(token)?;
                    let span = self.span(token);
                    return Err(self.report(
                        "Missing attribute separator",
                        "Expected a newline or comma to mark the beginning of the next attribute.",
                        span,
                    ));
                }
            }
        }
    }

    fn object_item(&mut self) -> Parsed<ObjectItem> {
        let key = self.object_key()?;
        let token = self.peek();
        if !matches!(token.kind, Kind::Assign | Kind::Colon) {
            self.refuse_strange(token)?;
            let span = self.span(token);
            let (summary, detail) = match token.kind {
                Kind::Newline | Kind::Comma => (
                    "Missing attribute value",
                    "Expected an attribute value, introduced by an equals sign (\"=\").",
                ),
                Kind::Ident => (
                    "Missing attribute value",
                    "Expected the equals sign (\"=\") to mark the beginning of the attribute value. Names with \
                     spaces must be quoted.",
                ),
                _ => (
                    "Missing key/value separator",
                    "Expected an equals sign (\"=\") to mark the beginning of the attribute value.",
                ),
            };
            return Err(self.report(summary, detail, span));
        }
        self.next();
        let value = self.expression()?;
        Ok(ObjectItem { key, value })
    }

    /// A bare word is the key's name. A path with dots stays a traversal: some arguments want it so (`providers`),
    /// elsewhere it is ambiguous, which whoever evaluates it says.
    fn object_key(&mut self) -> Parsed<Expr> {
        let word = self.peek();
        let key = self.expression()?;
        let is_bare = match &key.kind {
            ExprKind::Traversal(traversal) => traversal.steps.is_empty(),
            ExprKind::Literal(_) => true,
            _ => false,
        };
        if word.kind != Kind::Ident || !is_bare {
            return Ok(key);
        }
        Ok(Expr {
            kind: ExprKind::Literal(Value::text(self.name(word))),
            span: key.span,
        })
    }

    // ---- for -----------------------------------------------------------------------------------------------

    fn for_expression(&mut self, open: Token, close: Kind) -> Parsed<Expr> {
        self.next();
        let (key_name, value_name) = self.for_names("For expression")?;
        let collection = self.expression()?;
        self.for_mark(
            Kind::Colon,
            "For expression requires a colon after the collection expression.",
        )?;
        let mut value = self.expression()?;
        let mut key = None;
        let mut grouping = false;
        if close == Kind::CloseBrace {
            self.for_mark(
                Kind::Arrow,
                "For expression requires an arrow (\"=>\") between the key and the value when building an object.",
            )?;
            key = Some(std::mem::replace(&mut value, self.expression()?));
            grouping = self.take(Kind::Ellipsis).is_some();
        } else if self.peek().kind == Kind::Arrow {
            return Err(self.bad_for("Key expression is not valid when building a tuple."));
        }
        if self.peek().kind == Kind::Ellipsis {
            return Err(self.bad_for("Grouping ellipsis (\"...\") cannot be used when building a tuple."));
        }
        let condition = if self.is_word("if") {
            self.next();
            Some(self.expression()?)
        } else {
            None
        };
        self.for_mark(close, "Extra characters after the end of the 'for' expression.")?;
        let each = For {
            key_name,
            value_name,
            collection,
            key,
            value,
            condition,
            grouping,
        };
        Ok(Expr {
            kind: ExprKind::For(Box::new(each)),
            span: self.since(open),
        })
    }

    /// `k, v in` of a `for`; gives the names.
    pub(super) fn for_names(&mut self, what: &str) -> Parsed<(Option<crate::addr::Text>, crate::addr::Text)> {
        let mut value = self.for_name(&format!("{what} requires variable name after 'for'."))?;
        let mut key = None;
        if self.take(Kind::Comma).is_some() {
            let second = self.for_name(&format!("{what} requires value variable name after comma."))?;
            key = Some(std::mem::replace(&mut value, second));
        }
        if !self.is_word("in") {
            return Err(self.bad_for(&format!(
                "{what} requires the 'in' keyword after its name declarations."
            )));
        }
        self.next();
        Ok((key, value))
    }

    fn for_name(&mut self, missing: &str) -> Parsed<crate::addr::Text> {
        match self.take(Kind::Ident) {
            Some(name) => Ok(self.name(name)),
            None => Err(self.bad_for(missing)),
        }
    }

    fn for_mark(&mut self, kind: Kind, missing: &str) -> Parsed<()> {
        if self.take(kind).is_some() {
            return Ok(());
        }
        Err(self.bad_for(missing))
    }

    fn bad_for(&mut self, detail: &str) -> Reported {
        let token = self.peek();
        if let Err(reported) = self.refuse_strange(token) {
            return reported;
        }
        let span = self.span(token);
        self.report("Invalid 'for' expression", detail, span)
    }

    // ---- what is no token ----------------------------------------------------------------------------------

    /// Says what is wrong with characters that the language does not use.
    pub(in super::super) fn refuse_strange(&mut self, token: Token) -> Parsed<()> {
        let span = self.span(token);
        if token.kind != Kind::Invalid {
            return Ok(());
        }
        let (summary, detail) = match self.source(token) {
            "'" => (
                "Invalid character",
                "Single quotes are not valid. Use double quotes (\") to enclose strings.",
            ),
            "`" => (
                "Invalid character",
                "The \"`\" character is not valid. To create a multi-line string, use the \"heredoc\" syntax, \
                 like \"<<EOT\".",
            ),
            ";" => (
                "Invalid character",
                "The \";\" character is not valid. Use newlines to separate arguments and blocks, and commas to \
                 separate items in collection values.",
            ),
            "&" => (
                "Unsupported operator",
                "Bitwise operators are not supported. Did you mean boolean AND (\"&&\")?",
            ),
            "|" => (
                "Unsupported operator",
                "Bitwise operators are not supported. Did you mean boolean OR (\"||\")?",
            ),
            "^" | "~" => ("Unsupported operator", "Bitwise operators are not supported."),
            comment if comment.starts_with("/*") => (
                "Unterminated comment",
                "There is no \"*/\" that ends this comment before the end of the file.",
            ),
            quotes if quotes.starts_with(['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}']) => (
                "Invalid character",
                "\"Curly quotes\" are not valid here. These can sometimes be inadvertently introduced when \
                 sharing code via documents or discussion forums. It might help to replace the character with a \
                 \"straight quote\".",
            ),
            _ => (
                "Invalid character",
                "This character is not used within the language.",
            ),
        };
        Err(self.report(summary, detail, span))
    }
}

/// A binary operator and how tightly it binds.
fn binary(kind: Kind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        Kind::Or => (BinaryOp::Or, 1),
        Kind::And => (BinaryOp::And, 2),
        Kind::Equal => (BinaryOp::Equal, 3),
        Kind::NotEqual => (BinaryOp::NotEqual, 3),
        Kind::Less => (BinaryOp::Less, 4),
        Kind::LessOrEqual => (BinaryOp::LessOrEqual, 4),
        Kind::Greater => (BinaryOp::Greater, 4),
        Kind::GreaterOrEqual => (BinaryOp::GreaterOrEqual, 4),
        Kind::Plus => (BinaryOp::Add, 5),
        Kind::Minus => (BinaryOp::Subtract, 5),
        Kind::Star => (BinaryOp::Multiply, 6),
        Kind::Slash => (BinaryOp::Divide, 6),
        Kind::Percent => (BinaryOp::Modulo, 6),
        _ => return None,
    })
}
