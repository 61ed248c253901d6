//! The walk over the tree.

use std::collections::BTreeMap;

use crate::addr::Subject;
use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::lang::syntax::{Expr, ExprKind, Key, ObjectItem, Splat, Traversal};
use crate::value::{Data, Marks, Number, Text, Type, Value, convert};

use super::access::tolerated;
use super::budget::Exhausted;
use super::{Binding, Budget, Fault, Scope, Step, attribute, explain, index, mismatch_text};

/// The names bound around an expression.
pub(super) type Bound<'e> = Option<&'e Binding<'e>>;

/// Evaluates expressions in one scope within one budget.
#[derive(Clone, Copy)]
pub(in crate::lang) struct Evaluator<'s> {
    pub(super) scope: &'s dyn Scope,
    pub(super) budget: &'s Budget,
    /// Errors are only looked at, not shown: no notes are gathered for them.
    pub(super) quiet: bool,
    /// Within the side of a conditional that is not taken.
    pub(super) aside: bool,
    /// Inside a template file, which cannot use another one.
    pub(super) in_template: bool,
    /// Among constants, where no function may be called.
    pub(super) only_constants: bool,
}

impl<'s> Evaluator<'s> {
    pub(in crate::lang) fn new(scope: &'s dyn Scope, budget: &'s Budget) -> Self {
        Self {
            scope,
            budget,
            quiet: false,
            aside: false,
            in_template: false,
            only_constants: false,
        }
    }

    /// The same where no function may be called.
    pub(in crate::lang) fn for_constants(scope: &'s dyn Scope, budget: &'s Budget) -> Self {
        Self {
            only_constants: true,
            ..Self::new(scope, budget)
        }
    }

    /// The same for the inside of a template file.
    pub(in crate::lang) fn for_template(scope: &'s dyn Scope, budget: &'s Budget) -> Self {
        Self {
            in_template: true,
            ..Self::new(scope, budget)
        }
    }

    /// What the expression is worth.
    pub(in crate::lang) fn evaluate(self, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        if let ExprKind::Literal(value) = &expr.kind {
            self.spend_digits(value, expr.span)?;
            return Ok(value.clone());
        }
        self.budget.enter().map_err(|why| exhausted(why, expr.span))?;
        let result = self.dispatch(expr, bound);
        self.budget.leave();
        if let Ok(value) = &result {
            self.spend_digits(value, expr.span)?;
        }
        result
    }

    /// Pays for a number with many digits: whoever writes it down writes them all.
    fn spend_digits(self, value: &Value, at: Span) -> Result<()> {
        match value.as_number().map(Number::digits) {
            Some(digits) if digits > DIGITS => self.spend_text(digits, at),
            _ => Ok(()),
        }
    }

    fn dispatch(self, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        match &expr.kind {
            ExprKind::Literal(value) => Ok(value.clone()),
            ExprKind::Traversal(traversal) => self.traversal(traversal, expr, bound),
            ExprKind::Template(parts) => self.template(parts, expr, bound),
            ExprKind::Interpolation(inner) | ExprKind::Parens(inner) => self.evaluate(inner, bound),
            ExprKind::Access(access) => {
                let base = self.evaluate(&access.base, bound)?;
                self.follow(base, &access.steps, expr, bound)
            }
            ExprKind::Splat(splat) => self.splat(splat, expr, bound),
            ExprKind::Call(call) => self.call(call, expr, bound),
            ExprKind::Tuple(items) => self.tuple(items, expr.span, bound),
            ExprKind::Object(items) => self.object(items, expr.span, bound),
            ExprKind::For(each) => self.for_each(each, expr, bound),
            ExprKind::Conditional(parts) => self.conditional(parts, expr, bound),
            ExprKind::Binary(operator, sides) => self.binary(*operator, sides, expr, bound),
            ExprKind::Unary(operator, operand) => self.unary(*operator, operand, expr, bound),
        }
    }

    /// The same evaluator for expressions whose errors nobody sees.
    pub(super) fn quietly(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// An error about `expr`, with what its names stand for.
    pub(super) fn error(
        self,
        expr: &Expr,
        bound: Bound<'_>,
        summary: &str,
        detail: impl Into<String>,
    ) -> Diagnostics {
        let diagnostic = Diagnostic::error(summary, detail).at(expr.span);
        if self.quiet {
            return diagnostic.into();
        }
        explain::with_values(diagnostic, expr, self, bound).into()
    }

    pub(super) fn spend_elements(self, count: usize, at: Span) -> Result<()> {
        self.budget
            .elements(count)
            .map_err(|why| exhausted(why, at).into())
    }

    pub(super) fn spend_text(self, bytes: usize, at: Span) -> Result<()> {
        self.budget.text(bytes).map_err(|why| exhausted(why, at).into())
    }

    fn traversal(self, traversal: &Traversal, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        if let Some(value) = bound.and_then(|bound| bound.find(&traversal.root)) {
            return self.follow(value.clone(), &traversal.steps, expr, bound);
        }
        let reference = traversal
            .reference
            .as_ref()
            .map_err(|why| Diagnostic::error("Invalid reference", &**why).at(expr.span))?;
        let keys = traversal.steps.get(reference.steps..).unwrap_or_default();
        if keys.is_empty() {
            return Ok(self.scope.resolve(reference, &[], expr.span)?.0);
        }
        let steps = keys
            .iter()
            .map(|key| self.step(key, bound))
            .collect::<Result<Vec<Step>>>()?;
        let (mut value, followed) = self.scope.resolve(reference, &steps, expr.span)?;
        for (step, key) in steps.iter().zip(keys).skip(followed) {
            value = self.take(&value, step, key, expr, bound)?;
        }
        Ok(value)
    }

    fn step(self, key: &Key, bound: Bound<'_>) -> Result<Step> {
        Ok(match key {
            Key::Attribute(name, _) => Step::Attribute(name.clone()),
            Key::Index(expr) => Step::Index(self.evaluate(expr, bound)?),
            Key::Legacy(number, _) => Step::Index(Value::int(i64::try_from(*number).unwrap_or(i64::MAX))),
        })
    }

    /// Follows steps into a value.
    pub(super) fn follow(
        self,
        mut value: Value,
        keys: &[Key],
        expr: &Expr,
        bound: Bound<'_>,
    ) -> Result<Value> {
        for key in keys {
            let step = self.step(key, bound)?;
            value = self.take(&value, &step, key, expr, bound)?;
        }
        Ok(value)
    }

    fn take(self, value: &Value, step: &Step, key: &Key, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let (found, key_marks) = match step {
            Step::Attribute(name) => (attribute(value, name), Marks::NONE),
            Step::Index(index_value) => (index(value, index_value), index_value.marks()),
        };
        match found {
            Ok(found) => Ok(found),
            Err(fault) => {
                if self.scope.null_tolerant()
                    && let Some(null) = tolerated(value, key_marks)
                {
                    return Ok(null);
                }
                Err(self.fault(fault, key.span(), expr, bound))
            }
        }
    }

    fn fault(self, fault: Fault, at: Span, expr: &Expr, bound: Bound<'_>) -> Diagnostics {
        let mut errors = self.error(expr, bound, fault.summary, fault.detail);
        errors.iter_mut().for_each(|error| error.span = Some(at));
        errors
    }

    fn tuple(self, items: &[Expr], span: Span, bound: Bound<'_>) -> Result<Value> {
        self.spend_elements(items.len(), span)?;
        let mut errors = Diagnostics::new();
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.extend(errors.take(self.evaluate(item, bound)));
            if errors.len() >= ERRORS || (self.budget.is_spent() && !errors.is_empty()) {
                break;
            }
        }
        errors.or(()).map(|()| Value::tuple(values))
    }

    fn object(self, items: &[ObjectItem], span: Span, bound: Bound<'_>) -> Result<Value> {
        self.spend_elements(items.len(), span)?;
        if !items.is_empty() {
            self.budget.maps(1).map_err(|why| exhausted(why, span))?;
        }
        let mut errors = Diagnostics::new();
        let mut attributes = BTreeMap::new();
        let mut marks = Marks::NONE;
        let mut known = true;
        for item in items {
            if errors.len() >= ERRORS || (self.budget.is_spent() && !errors.is_empty()) {
                break;
            }
            let key = errors.take(self.object_key(&item.key, bound));
            let value = errors.take(self.evaluate(&item.value, bound));
            let (Some((name, key_marks)), Some(value)) = (key, value) else {
                continue;
            };
            marks = marks | key_marks;
            match name {
                Some(name) => {
                    attributes.insert(name, value);
                }
                None => known = false,
            }
        }
        let value = if known {
            Value::object(attributes)
        } else {
            Value::dynamic()
        };
        errors.or(value.with_marks(marks))
    }

    /// The name of an object's attribute, none while unknown; and the marks of the key.
    fn object_key(self, key: &Expr, bound: Bound<'_>) -> Result<(Option<Text>, Marks)> {
        if let ExprKind::Literal(value) = &key.kind
            && let Some(name) = value.as_text()
        {
            return Ok((Some(name.clone()), Marks::NONE));
        }
        let value = self.evaluate(key, bound)?;
        if value.is_null() {
            return Err(self.error(
                key,
                bound,
                "Null value as key",
                "Can't use a null value as a key.",
            ));
        }
        let text = convert::convert(&value, &Type::String).map_err(|why| {
            let why = mismatch_text(&why);
            self.error(
                key,
                bound,
                "Incorrect key type",
                format!("Can't use this value as a key: {why}."),
            )
        })?;
        Ok((text.as_text().cloned(), value.marks_deep()))
    }

    fn splat(self, splat: &Splat, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let source = self.evaluate(&splat.source, bound)?;
        let (source, marks) = source.unmark();
        let each = |item: &Value| self.follow(item.clone(), &splat.each, expr, bound);
        let result = match source.data() {
            Data::Unknown(unknown) => {
                return Ok(splat_of_unknown(&unknown.ty, each)?.with_marks(marks));
            }
            Data::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) if !self.scope.null_tolerant() => {
                return Err(self.error(
                    &splat.source,
                    bound,
                    "Splat of null value",
                    "Splat expressions (with the * symbol) cannot be applied to null sequences.",
                ));
            }
            Data::Null(_) => Value::tuple(Vec::new()),
            Data::Tuple(items) => {
                self.spend_elements(items.len(), expr.span)?;
                Value::tuple(collect(items, each)?)
            }
            Data::List(sequence) | Data::Set(sequence) => {
                self.spend_elements(sequence.items.len(), expr.span)?;
                let items = collect(&sequence.items, each)?;
                if items.is_empty() {
                    let element = each(&Value::unknown(sequence.element.clone()))
                        .map_or(Type::Dynamic, |element| element.ty());
                    Value::list(element, items)
                } else {
                    list_or_tuple(items)
                }
            }
            _ => Value::tuple(vec![each(&source)?]),
        };
        Ok(result.with_marks(marks))
    }

    /// Whether a traversal in `expr` names something that cannot exist, whatever the values are.
    pub(super) fn check_names(self, expr: &Expr, bound: Bound<'_>) -> Result<()> {
        let mut errors = Diagnostics::new();
        expr.visit_traversals(&mut Vec::new(), &mut |traversal, span| {
            if errors.len() >= ERRORS {
                return;
            }
            if bound.is_some_and(|bound| bound.find(&traversal.root).is_some()) {
                return;
            }
            match &traversal.reference {
                Err(why) => errors.push(Diagnostic::error("Invalid reference", &**why).at(span)),
                Ok(reference) if is_fixed(&reference.subject) => {
                    errors.take(self.scope.resolve(reference, &[], span));
                }
                Ok(_) => {}
            }
        });
        errors.or(())
    }
}

/// Numbers with no more digits cost no more than others.
const DIGITS: usize = 1_000;

/// Whether the place alone decides about the name, not what is declared elsewhere.
fn is_fixed(subject: &Subject) -> bool {
    matches!(
        subject,
        Subject::Bare(_) | Subject::Path(_) | Subject::Terraform(_)
    )
}

/// Nobody reads more errors about one expression.
pub(super) const ERRORS: usize = 100;
/// Nor about what is done to every element alike.
const REPEATED: usize = 10;

fn collect(items: &[Value], each: impl Fn(&Value) -> Result<Value>) -> Result<Vec<Value>> {
    let mut errors = Diagnostics::new();
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        values.extend(errors.take(each(item)));
        if errors.len() >= REPEATED {
            break;
        }
    }
    errors.or(values)
}

/// A list of values that are all of one type; where they are not, a tuple.
fn list_or_tuple(items: Vec<Value>) -> Value {
    let mut types = items.iter().map(Value::ty);
    match types.next() {
        Some(first) if types.all(|ty| ty == first) => Value::list(first, items),
        _ => Value::tuple(items),
    }
}

/// The error of an expression that costs too much.
pub(super) fn exhausted(why: Exhausted, at: Span) -> Diagnostic {
    Diagnostic::error(
        "Expression too large",
        format!("This expression cannot be evaluated: {}.", why.0),
    )
    .at(at)
}

fn splat_of_unknown(ty: &Type, each: impl Fn(&Value) -> Result<Value>) -> Result<Value> {
    Ok(match ty {
        Type::List(element) | Type::Set(element) => {
            Value::unknown(Type::list(each(&Value::unknown((**element).clone()))?.ty()))
        }
        Type::Tuple(elements) => {
            let types = elements
                .iter()
                .map(|ty| Ok(each(&Value::unknown(ty.clone()))?.ty()))
                .collect::<Result<Vec<Type>>>()?;
            Value::unknown(Type::tuple(types))
        }
        _ => Value::dynamic(),
    })
}
