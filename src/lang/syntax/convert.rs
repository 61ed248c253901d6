//! hcl-edit's tree into ours.
//!
//! What hcl-edit accepts and Terraform does not is refused here. The depth of the recursion is bounded by
//! hcl-edit, which refuses deeper texts.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::expr as hcl;
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{self, Structure};
use hcl_edit::{Decorated, Ident, Span as _};

use crate::addr::{Reference, Text};
use crate::diag::{Diagnostic, Diagnostics, FileId, Span};
use crate::value::{Number, Type, Value};

use super::template;
use super::tree::{
    Access, Attribute, BinaryOp, Block, Body, Call, Expr, ExprKind, For, Key, Label, ObjectItem, Splat,
    Traversal, UnaryOp,
};

/// The name under which the elements of an outer splat are bound where splats nest. No text can spell it.
const ELEMENT: &str = "*";

/// A text being converted: `base` is where it starts in its file.
pub(super) struct Converter<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    pub(super) base: usize,
    pub(super) errors: Diagnostics,
}

impl<'t> Converter<'t> {
    pub(super) fn new(file: FileId, text: &'t str, base: usize) -> Self {
        Self {
            file,
            text,
            base,
            errors: Diagnostics::new(),
        }
    }

    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.file, self.base + range.start, self.base + range.end)
    }

    pub(super) fn error(&mut self, summary: &str, detail: impl Into<String>, at: Span) {
        self.errors.push(Diagnostic::error(summary, detail).at(at));
    }

    /// The source under a range.
    pub(super) fn source(&self, range: &Range<usize>) -> &'t str {
        self.text.get(range.clone()).unwrap_or("")
    }

    pub(super) fn ident(&self, ident: &Decorated<Ident>) -> (Text, Span) {
        let range = ident.span().unwrap_or_default();
        (normal(ident.value().as_str()), self.span(&range))
    }

    // ---- structure -----------------------------------------------------------------------------------------

    pub(super) fn body(&mut self, body: &structure::Body, range: Range<usize>) -> Body {
        let mut attributes: Vec<Attribute> = Vec::new();
        let mut blocks = Vec::new();
        for part in body {
            match part {
                Structure::Attribute(attribute) => attributes.push(self.attribute(attribute)),
                Structure::Block(block) => blocks.push(self.block(block)),
            }
        }
        self.refuse_redefined(&attributes);
        Body {
            attributes,
            blocks,
            span: self.span(&range),
        }
    }

    /// hcl-edit finds most of these itself; this one also sees names that differ before normalisation only.
    pub(super) fn refuse_redefined(&mut self, attributes: &[Attribute]) {
        let mut seen: HashMap<&str, Span> = HashMap::with_capacity(attributes.len());
        for attribute in attributes {
            if let Some(first) = seen.insert(&attribute.name, attribute.name_span) {
                self.errors.push(super::errors::redefined(
                    &attribute.name,
                    attribute.name_span,
                    first,
                ));
            }
        }
    }

    fn attribute(&mut self, attribute: &structure::Attribute) -> Attribute {
        let (name, name_span) = self.ident(&attribute.key);
        let expr = self.expr(&attribute.value);
        let span = name_span.to(expr.span);
        Attribute {
            name,
            name_span,
            expr,
            span,
        }
    }

    fn block(&mut self, block: &structure::Block) -> Block {
        let (kind, kind_span) = self.ident(&block.ident);
        let labels: Vec<Label> = block.labels.iter().map(|label| self.label(label)).collect();
        let header = labels.last().map_or(kind_span, |last| kind_span.to(last.span));
        let range = block.span().unwrap_or_default();
        let header_end = header.end as usize - self.base;
        let open = self.text[header_end..range.end]
            .find('{')
            .map_or(header_end, |at| header_end + at + 1);
        let body = self.body(&block.body, open..range.end.saturating_sub(1).max(open));
        Block {
            kind,
            kind_span,
            labels,
            body,
            header,
            span: self.span(&range),
        }
    }

    fn label(&mut self, label: &structure::BlockLabel) -> Label {
        match label {
            structure::BlockLabel::Ident(ident) => {
                let (text, span) = self.ident(ident);
                Label { text, span }
            }
            structure::BlockLabel::String(string) => {
                let range = string.span().unwrap_or_default();
                self.refuse_newline(&range);
                Label {
                    text: normal(string.value()),
                    span: self.span(&range),
                }
            }
        }
    }

    /// A quoted string ends on the line where it starts.
    pub(super) fn refuse_newline(&mut self, range: &Range<usize>) {
        if let Some(at) = self.source(range).find('\n') {
            let at = range.start + at;
            self.error(
                "Invalid multi-line string",
                "Quoted strings may not be split over multiple lines. To produce a multi-line string, either \
                 use the \\n escape to represent a newline character or use the \"heredoc\" multi-line \
                 template syntax.",
                self.span(&(at..at + 1)),
            );
        }
    }

    // ---- expressions ---------------------------------------------------------------------------------------

    pub(super) fn expr(&mut self, expr: &Expression) -> Expr {
        let range = range_of(expr);
        let span = self.span(&range);
        let kind = match expr {
            Expression::Null(_) => ExprKind::Literal(Value::null(Type::Dynamic)),
            Expression::Bool(value) => ExprKind::Literal(Value::bool(*value.value())),
            Expression::Number(_) => self.number(&range),
            Expression::String(text) => {
                self.refuse_newline(&range);
                ExprKind::Literal(Value::string(text.value()))
            }
            Expression::Array(array) => {
                let items: Vec<Expr> = array.iter().map(|item| self.expr(item)).collect();
                self.refuse_bare_for(items.first());
                ExprKind::Tuple(items)
            }
            Expression::Object(object) => ExprKind::Object(self.object(object)),
            Expression::StringTemplate(quoted) => template::quoted(self, quoted.iter()),
            Expression::HeredocTemplate(heredoc) => template::heredoc(self, heredoc, &range),
            Expression::Parenthesis(inner) => ExprKind::Parens(Box::new(self.expr(inner.inner()))),
            Expression::Variable(name) => self.traversal(normal(name.value().as_str()), span, Vec::new()),
            Expression::Conditional(parts) => ExprKind::Conditional(Box::new([
                self.expr(&parts.cond_expr),
                self.expr(&parts.true_expr),
                self.expr(&parts.false_expr),
            ])),
            Expression::FuncCall(call) => ExprKind::Call(Box::new(self.call(call))),
            Expression::Traversal(traversal) => return self.steps(traversal, span),
            Expression::UnaryOp(unary) => {
                let op = match unary.operator.value() {
                    hcl::UnaryOperator::Neg => UnaryOp::Negate,
                    hcl::UnaryOperator::Not => UnaryOp::Not,
                };
                ExprKind::Unary(op, Box::new(self.expr(&unary.expr)))
            }
            Expression::BinaryOp(binary) => {
                let sides = [self.expr(&binary.lhs_expr), self.expr(&binary.rhs_expr)];
                ExprKind::Binary(operator(*binary.operator.value()), Box::new(sides))
            }
            Expression::ForExpr(each) => ExprKind::For(Box::new(self.for_expr(each))),
        };
        Expr { kind, span }
    }

    /// The digits are read again from the source: hcl-edit keeps 64 bits of them.
    fn number(&mut self, range: &Range<usize>) -> ExprKind {
        let source = self.source(range);
        let digits = source.trim_start_matches('-').trim_start();
        let at = range.end - digits.len()..range.end;
        let span = self.span(&at);
        let small = digits.parse::<i64>().ok().map(Number::from);
        let Some(number) = small.or_else(|| Number::parse(digits)) else {
            self.error(
                "Invalid number literal",
                format!("\"{digits}\" is no number that can be represented."),
                span,
            );
            return ExprKind::Literal(Value::int(0));
        };
        let literal = ExprKind::Literal(Value::number(number));
        if digits.len() == source.len() {
            return literal;
        }
        ExprKind::Unary(UnaryOp::Negate, Box::new(Expr { kind: literal, span }))
    }

    /// hcl-edit takes `[for]` for a list of one variable.
    fn refuse_bare_for(&mut self, first: Option<&Expr>) {
        let Some(first) = first else { return };
        if let ExprKind::Traversal(traversal) = &first.kind
            && &*traversal.root == "for"
        {
            self.error(
                "Invalid 'for' expression",
                "For expression requires variable name after 'for'.",
                traversal.root_span,
            );
        }
    }

    fn object(&mut self, object: &hcl::Object) -> Vec<ObjectItem> {
        object
            .iter()
            .map(|(key, value)| {
                let key = match key {
                    hcl::ObjectKey::Ident(ident) => {
                        let (text, span) = self.ident(ident);
                        Expr {
                            kind: ExprKind::Literal(Value::text(text)),
                            span,
                        }
                    }
                    hcl::ObjectKey::Expression(expr) => self.object_key(expr),
                };
                let value = self.expr(value.expr());
                ObjectItem { key, value }
            })
            .collect()
    }

    /// A word that is a keyword elsewhere names a key here.
    fn object_key(&mut self, key: &Expression) -> Expr {
        let converted = self.expr(key);
        if !matches!(key, Expression::Null(_) | Expression::Bool(_)) {
            return converted;
        }
        let word = self.source(&range_of(key));
        Expr {
            kind: ExprKind::Literal(Value::string(word)),
            span: converted.span,
        }
    }

    fn call(&mut self, call: &hcl::FuncCall) -> Call {
        let (last, last_span) = self.ident(&call.name.name);
        let mut name = String::new();
        let mut name_span = last_span;
        for part in &call.name.namespace {
            let (part, span) = self.ident(part);
            name_span = name_span.to(span);
            name.push_str(&part);
            name.push_str("::");
        }
        name.push_str(&last);
        Call {
            name: name.into(),
            name_span,
            arguments: call.args.iter().map(|argument| self.expr(argument)).collect(),
            expand: call.args.expand_final(),
        }
    }

    fn for_expr(&mut self, each: &hcl::ForExpr) -> For {
        For {
            key_name: each.intro.key_var.as_ref().map(|name| self.ident(name).0),
            value_name: self.ident(&each.intro.value_var).0,
            collection: self.expr(&each.intro.collection_expr),
            key: each.key_expr.as_ref().map(|key| self.expr(key)),
            value: self.expr(&each.value_expr),
            condition: each.cond.as_ref().map(|condition| self.expr(&condition.expr)),
            grouping: each.grouping,
        }
    }

    // ---- traversals ----------------------------------------------------------------------------------------

    fn traversal(&self, root: Text, root_span: Span, steps: Vec<Key>) -> ExprKind {
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

    fn steps(&mut self, traversal: &hcl::Traversal, span: Span) -> Expr {
        let base = self.expr(&traversal.expr);
        self.refuse_two_legacy_indexes(&traversal.operators);
        self.walk(base, &traversal.operators, span.end)
    }

    fn walk(&mut self, base: Expr, operators: &[Decorated<TraversalOperator>], end: u32) -> Expr {
        let is_step = |operator: &Decorated<TraversalOperator>| {
            !is_attribute_splat(operator) && !is_full_splat(operator)
        };
        let plain = operators.iter().take_while(|operator| is_step(operator)).count();
        let (keys, rest) = operators.split_at(plain);
        let keys = keys.iter().filter_map(|operator| self.key(operator)).collect();
        let Some((splat, rest)) = rest.split_first() else {
            return self.access(base, keys, end);
        };
        let marker = self.span(&splat.span().unwrap_or_default());
        let source = self.access(base, keys, marker.start);
        if is_full_splat(splat) {
            return self.full_splat(source, marker, rest, end);
        }
        let plain = rest
            .iter()
            .take_while(|operator| matches!(operator.value(), TraversalOperator::GetAttr(_)))
            .count();
        let (names, rest) = rest.split_at(plain);
        let each: Vec<Key> = names.iter().filter_map(|name| self.key(name)).collect();
        if let Some(second) = rest.first().filter(|operator| is_attribute_splat(operator)) {
            let at = self.span(&second.span().unwrap_or_default());
            self.error(
                "Nested splat expression not allowed",
                "A splat expression (*) cannot be used inside another attribute-only splat expression.",
                at,
            );
        }
        let to = each.last().map_or(marker.end, |key| key.span().end);
        let span = Span {
            end: to,
            ..source.span
        };
        let kind = ExprKind::Splat(Box::new(Splat { source, each, marker }));
        self.walk(Expr { kind, span }, rest, end)
    }

    /// All that follows applies to each element. Where that holds a further splat, the outer one becomes a
    /// `for` over the elements, which means the same.
    fn full_splat(
        &mut self,
        source: Expr,
        marker: Span,
        rest: &[Decorated<TraversalOperator>],
        end: u32,
    ) -> Expr {
        let span = Span { end, ..source.span };
        let splat = |source, each| ExprKind::Splat(Box::new(Splat { source, each, marker }));
        if !rest
            .iter()
            .any(|step| is_attribute_splat(step) || is_full_splat(step))
        {
            let each = rest.iter().filter_map(|operator| self.key(operator)).collect();
            let kind = splat(source, each);
            return Expr { kind, span };
        }
        let elements = Expr {
            span: source.span.to(marker),
            kind: splat(source, Vec::new()),
        };
        let element = Expr {
            kind: self.traversal(ELEMENT.into(), marker, Vec::new()),
            span: marker,
        };
        let kind = ExprKind::For(Box::new(For {
            key_name: None,
            value_name: ELEMENT.into(),
            collection: elements,
            key: None,
            value: self.walk(element, rest, end),
            condition: None,
            grouping: false,
        }));
        Expr { kind, span }
    }

    /// Steps into an expression, as far as there are any.
    fn access(&self, base: Expr, mut keys: Vec<Key>, end: u32) -> Expr {
        if keys.is_empty() {
            return base;
        }
        let span = Span { end, ..base.span };
        let kind = match base.kind {
            ExprKind::Traversal(known) => {
                let Traversal {
                    root,
                    root_span,
                    mut steps,
                    ..
                } = *known;
                steps.append(&mut keys);
                self.traversal(root, root_span, steps)
            }
            _ => ExprKind::Access(Box::new(Access { base, steps: keys })),
        };
        Expr { kind, span }
    }

    fn key(&mut self, operator: &Decorated<TraversalOperator>) -> Option<Key> {
        match operator.value() {
            TraversalOperator::GetAttr(name) => {
                let (name, span) = self.ident(name);
                Some(Key::Attribute(name, span))
            }
            TraversalOperator::Index(index) => Some(Key::Index(self.expr(index))),
            TraversalOperator::LegacyIndex(index) => {
                let range = index.span().unwrap_or_default();
                Some(Key::Legacy(*index.value(), self.span(&range)))
            }
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => None,
        }
    }

    /// `x.0.1` reads as the number 0.1 after a dot, which is no step.
    fn refuse_two_legacy_indexes(&mut self, operators: &[Decorated<TraversalOperator>]) {
        let legacy = |operator: &Decorated<TraversalOperator>| {
            matches!(operator.value(), TraversalOperator::LegacyIndex(_))
        };
        for pair in operators.windows(2) {
            if legacy(&pair[0]) && legacy(&pair[1]) {
                let range = pair[0].span().unwrap_or_default().start..pair[1].span().unwrap_or_default().end;
                self.error(
                    "Invalid legacy index syntax",
                    "When using the legacy index syntax, chaining two indexes together is not permitted. Use \
                     the proper index syntax instead, like [0][1].",
                    self.span(&range),
                );
            }
        }
    }
}

fn is_attribute_splat(operator: &Decorated<TraversalOperator>) -> bool {
    matches!(operator.value(), TraversalOperator::AttrSplat(_))
}

fn is_full_splat(operator: &Decorated<TraversalOperator>) -> bool {
    matches!(operator.value(), TraversalOperator::FullSplat(_))
}

/// Where an expression stands. The inner operations of a chain carry no range of their own.
fn range_of(expr: &Expression) -> Range<usize> {
    match expr {
        Expression::BinaryOp(binary) => range_of(&binary.lhs_expr).start..range_of(&binary.rhs_expr).end,
        _ => expr.span().unwrap_or_default(),
    }
}

fn operator(operator: hcl::BinaryOperator) -> BinaryOp {
    match operator {
        hcl::BinaryOperator::Eq => BinaryOp::Equal,
        hcl::BinaryOperator::NotEq => BinaryOp::NotEqual,
        hcl::BinaryOperator::LessEq => BinaryOp::LessOrEqual,
        hcl::BinaryOperator::GreaterEq => BinaryOp::GreaterOrEqual,
        hcl::BinaryOperator::Less => BinaryOp::Less,
        hcl::BinaryOperator::Greater => BinaryOp::Greater,
        hcl::BinaryOperator::Plus => BinaryOp::Add,
        hcl::BinaryOperator::Minus => BinaryOp::Subtract,
        hcl::BinaryOperator::Mul => BinaryOp::Multiply,
        hcl::BinaryOperator::Div => BinaryOp::Divide,
        hcl::BinaryOperator::Mod => BinaryOp::Modulo,
        hcl::BinaryOperator::And => BinaryOp::And,
        hcl::BinaryOperator::Or => BinaryOp::Or,
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
