//! Binary and unary operators.

use crate::diag::Result;
use crate::lang::syntax::{BinaryOp, Expr, UnaryOp};
use crate::value::{Bounds, Data, Number, Type, Value, convert};

use super::evaluator::{Bound, Evaluator, exhausted};
use super::{equal, mismatch_text};

impl Evaluator<'_> {
    pub(super) fn binary(
        self,
        operator: BinaryOp,
        sides: &[Expr; 2],
        expr: &Expr,
        bound: Bound<'_>,
    ) -> Result<Value> {
        match operator {
            BinaryOp::Equal | BinaryOp::NotEqual => self.equality(operator, sides, bound),
            BinaryOp::And | BinaryOp::Or => self.logic(operator, sides, expr, bound),
            _ => self.arithmetic(operator, sides, expr, bound),
        }
    }

    fn both(self, sides: &[Expr; 2], bound: Bound<'_>) -> Result<[Value; 2]> {
        let left = self.evaluate(&sides[0], bound);
        let right = self.evaluate(&sides[1], bound);
        match (left, right) {
            (Ok(left), Ok(right)) => Ok([left, right]),
            (Err(mut errors), Err(more)) => {
                errors.extend(more);
                Err(errors)
            }
            (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
        }
    }

    fn equality(self, operator: BinaryOp, sides: &[Expr; 2], bound: Bound<'_>) -> Result<Value> {
        let [left, right] = self.both(sides, bound)?;
        // Both are also looked through for what is unknown and for marks.
        let budget = self.budget;
        let paid = budget.looks(&left, 2).and_then(|()| budget.looks(&right, 2));
        paid.and_then(|()| budget.comparison(&left, &right))
            .map_err(|why| exhausted(why, sides[0].span))?;
        let marks = left.marks_deep() | right.marks_deep();
        let value = match equal(&left, &right) {
            Some(equal) => Value::bool(equal == (operator == BinaryOp::Equal)),
            None => Value::unknown(Type::Bool).never_null(),
        };
        Ok(value.with_marks(marks))
    }

    /// The left side alone decides where it can; errors of the right are then dropped.
    fn logic(self, operator: BinaryOp, sides: &[Expr; 2], expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let decisive = operator == BinaryOp::Or;
        let left = self.evaluate(&sides[0], bound)?;
        let left = self.operand(&left, &Type::Bool, "left operand", &sides[0], bound)?;
        if left.as_bool() == Some(decisive) {
            let marks = self
                .quietly()
                .evaluate(&sides[1], bound)
                .map_or(left.marks(), |right| left.marks() | right.marks_deep());
            return Ok(Value::bool(decisive).with_marks(marks));
        }
        let right = self.evaluate(&sides[1], bound)?;
        let right = self.operand(&right, &Type::Bool, "right operand", &sides[1], bound)?;
        let marks = left.marks() | right.marks();
        if left.is_null() || right.is_null() {
            return Err(self.failed(expr, bound, "argument must not be null"));
        }
        let value = match (left.as_bool(), right.as_bool()) {
            (_, Some(right)) if right == decisive => Value::bool(decisive),
            (Some(_), Some(right)) => Value::bool(right),
            _ => Value::unknown(Type::Bool).never_null(),
        };
        Ok(value.with_marks(marks))
    }

    fn arithmetic(
        self,
        operator: BinaryOp,
        sides: &[Expr; 2],
        expr: &Expr,
        bound: Bound<'_>,
    ) -> Result<Value> {
        let [left, right] = self.both(sides, bound)?;
        let left = self.operand(&left, &Type::Number, "left operand", &sides[0], bound)?;
        let right = self.operand(&right, &Type::Number, "right operand", &sides[1], bound)?;
        let marks = left.marks() | right.marks();
        if left.is_null() || right.is_null() {
            return Err(self.failed(expr, bound, "argument must not be null"));
        }
        let value = match (left.as_number(), right.as_number()) {
            (Some(left), Some(right)) => {
                compute(operator, left, right).map_err(|why| self.failed(expr, bound, why))?
            }
            _ => estimate(operator, &left.number_bounds(), &right.number_bounds()),
        };
        Ok(value.with_marks(marks))
    }

    pub(super) fn unary(
        self,
        operator: UnaryOp,
        operand: &Expr,
        expr: &Expr,
        bound: Bound<'_>,
    ) -> Result<Value> {
        let ty = match operator {
            UnaryOp::Negate => Type::Number,
            UnaryOp::Not => Type::Bool,
        };
        let value = self.evaluate(operand, bound)?;
        let value = self.operand(&value, &ty, "unary operand", operand, bound)?;
        let marks = value.marks();
        let result = match (value.data(), operator) {
            (Data::Null(_), _) => return Err(self.failed(expr, bound, "argument must not be null")),
            (Data::Bool(value), UnaryOp::Not) => Value::bool(!value),
            (Data::Number(value), UnaryOp::Negate) => Value::number(value.neg()),
            (_, UnaryOp::Negate) => Value::number_within(value.number_bounds().negated()),
            (_, UnaryOp::Not) => Value::unknown(ty).never_null(),
        };
        Ok(result.with_marks(marks))
    }

    fn operand(self, value: &Value, ty: &Type, place: &str, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        convert::convert(value, ty).map_err(|why| {
            let why = mismatch_text(&why);
            self.error(
                expr,
                bound,
                "Invalid operand",
                format!("Unsuitable value for {place}: {why}."),
            )
        })
    }

    fn failed(self, expr: &Expr, bound: Bound<'_>, why: &str) -> crate::diag::Diagnostics {
        self.error(
            expr,
            bound,
            "Operation failed",
            format!("Error during operation: {why}."),
        )
    }
}

/// What is known of the result where a number is not known. Numbers that may be equal are told apart by nothing.
fn estimate(operator: BinaryOp, left: &Bounds, right: &Bounds) -> Value {
    let less = match operator {
        BinaryOp::Add => return Value::number_within(left.plus(right)),
        BinaryOp::Subtract => return Value::number_within(left.plus(&right.negated())),
        BinaryOp::Multiply => return Value::number_within(left.times(right)),
        BinaryOp::Less | BinaryOp::LessOrEqual => true,
        BinaryOp::Greater | BinaryOp::GreaterOrEqual => false,
        _ => return Value::unknown(Type::Number).never_null(),
    };
    if left.are_below(right) {
        Value::bool(less)
    } else if right.are_below(left) {
        Value::bool(!less)
    } else {
        Value::unknown(Type::Bool).never_null()
    }
}

fn compute(operator: BinaryOp, left: &Number, right: &Number) -> std::result::Result<Value, &'static str> {
    Ok(match operator {
        BinaryOp::Add => Value::number(
            left.checked_add(right)
                .ok_or("can't compute sum of opposing infinities")?,
        ),
        BinaryOp::Subtract => Value::number(
            left.checked_sub(right)
                .ok_or("can't subtract infinity from itself")?,
        ),
        BinaryOp::Multiply => {
            Value::number(left.checked_mul(right).ok_or("can't multiply zero by infinity")?)
        }
        BinaryOp::Divide => Value::number(
            left.div(right)
                .ok_or("can't divide zero by zero or infinity by infinity")?,
        ),
        BinaryOp::Modulo => Value::number(left.rem(right).ok_or("can't use modulo with zero and infinity")?),
        BinaryOp::Less => Value::bool(left < right),
        BinaryOp::LessOrEqual => Value::bool(left <= right),
        BinaryOp::Greater => Value::bool(left > right),
        BinaryOp::GreaterOrEqual => Value::bool(left >= right),
        BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::And | BinaryOp::Or => {
            return Err("the operator takes no numbers");
        }
    })
}
