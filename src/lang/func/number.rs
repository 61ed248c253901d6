//! Functions on numbers.

use super::{Args, Func, FuncError, Kind, Param, any, number};
use crate::value::{Number, Type, Value, convert};

const fn on_numbers(
    name: &'static str,
    params: &'static [Param],
    about: &'static str,
    examples: super::Examples,
    call: super::Call,
) -> Func {
    Func {
        name,
        params,
        variadic: None,
        returns: Kind::Number,
        about,
        examples,
        call,
    }
}

const fn of_many(
    name: &'static str,
    about: &'static str,
    examples: super::Examples,
    call: super::Call,
) -> Func {
    Func {
        name,
        params: &[],
        variadic: Some(number("numbers")),
        returns: Kind::Number,
        about,
        examples,
        call,
    }
}

pub(super) const FUNCTIONS: &[Func] = &[
    on_numbers(
        "abs",
        &[number("num")],
        "The number without its sign.",
        &[("abs(-3.5)", "3.5")],
        |args| {
            let number = args.number(0)?;
            Ok(Value::number(if *number < Number::from(0i64) {
                number.neg()
            } else {
                number.clone()
            }))
        },
    ),
    on_numbers(
        "ceil",
        &[number("num")],
        "The next whole number up.",
        &[("ceil(1.2)", "2"), ("ceil(-1.2)", "-1")],
        |args| Ok(Value::number(args.number(0)?.ceil())),
    ),
    on_numbers(
        "floor",
        &[number("num")],
        "The next whole number down.",
        &[("floor(1.8)", "1"), ("floor(-1.2)", "-2")],
        |args| Ok(Value::number(args.number(0)?.floor())),
    ),
    on_numbers(
        "signum",
        &[number("num")],
        "-1, 0 or 1 by the number's sign.",
        &[("signum(-13)", "-1")],
        |args| {
            args.whole(0)?;
            Ok(Value::int(match args.number(0)?.cmp(&Number::from(0i64)) {
                std::cmp::Ordering::Less => -1,
                std::cmp::Ordering::Equal => 0,
                std::cmp::Ordering::Greater => 1,
            }))
        },
    ),
    on_numbers(
        "pow",
        &[number("num"), number("power")],
        "A power.",
        &[("pow(2, 10)", "1024"), ("pow(4, 0.5)", "2")],
        |args| {
            float(super::float::pow(
                args.number(0)?.to_f64(),
                args.number(1)?.to_f64(),
            ))
        },
    ),
    on_numbers(
        "log",
        &[number("num"), number("base")],
        "A logarithm.",
        &[("log(16, 2)", "4")],
        |args| float(super::float::ln(args.number(0)?.to_f64()) / super::float::ln(args.number(1)?.to_f64())),
    ),
    of_many(
        "max",
        "The greatest number.",
        &[("max(1, 3, 2)", "3"), ("max([4, 5]...)", "5")],
        |args| extreme(args, |new, best| new > best),
    ),
    of_many("min", "The least number.", &[("min(1, 3, 2)", "1")], |args| {
        extreme(args, |new, best| new < best)
    }),
    on_numbers(
        "sum",
        &[any("list")],
        "The sum of a collection of numbers.",
        &[("sum([1, 2.5])", "3.5")],
        sum,
    ),
    Func {
        name: "parseint",
        params: &[any("number"), number("base")],
        variadic: None,
        returns: Kind::Number,
        about: "Reads a whole number in a base from 2 to 62.",
        examples: &[("parseint(\"ff\", 16)", "255"), ("parseint(\"-1010\", 2)", "-10")],
        call: parseint,
    },
];

fn float(value: f64) -> Result<Value, FuncError> {
    if value.is_nan() {
        return Err(FuncError::new("the result is not a number"));
    }
    Ok(Value::number(Number::from_f64(value)))
}

fn extreme(args: &Args<'_>, better: fn(&Number, &Number) -> bool) -> Result<Value, FuncError> {
    let mut numbers = args.all().iter().filter_map(Value::as_number);
    let first = numbers
        .next()
        .ok_or_else(|| FuncError::new("must pass at least one number"))?;
    let best = numbers.fold(first, |best, new| if better(new, best) { new } else { best });
    Ok(Value::number(best.clone()))
}

fn sum(args: &Args<'_>) -> Result<Value, FuncError> {
    let value = args.value(0)?;
    let Some(items) = value.as_items() else {
        return Err(FuncError::argument(0, "cannot sum noniterable"));
    };
    if items.is_empty() {
        return Err(FuncError::argument(0, "cannot sum an empty list"));
    }
    let mut total = Number::from(0i64);
    for item in items {
        let item = convert::convert(item, &Type::Number).ok();
        let number = item
            .as_ref()
            .and_then(Value::as_number)
            .ok_or_else(|| FuncError::argument(0, "argument must be list, set, or tuple of number values"))?;
        total = total
            .checked_add(number)
            .ok_or_else(|| FuncError::new("can't compute sum of opposing infinities"))?;
    }
    Ok(Value::number(total))
}

fn parseint(args: &Args<'_>) -> Result<Value, FuncError> {
    let value = args.value(0)?;
    let text = value.as_str().ok_or_else(|| {
        FuncError::argument(0, format!("first argument must be a string, not {}", value.ty()))
    })?;
    let base = args
        .number(1)?
        .as_i64()
        .filter(|base| (2..=62).contains(base))
        .ok_or_else(|| FuncError::argument(1, "base must be a whole number between 2 and 62 inclusive"))?;
    let wrong = || {
        FuncError::argument(
            0,
            format!(
                "cannot parse {} as a base {base} integer",
                crate::addr::quote(text)
            ),
        )
    };
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 4096 {
        return Err(wrong());
    }
    let factor = Number::from(base);
    let mut number = Number::from(0i64);
    for digit in digits {
        let digit = digit_value(*digit, base).ok_or_else(wrong)?;
        number = number
            .checked_mul(&factor)
            .and_then(|number| number.checked_add(&Number::from(digit)))
            .ok_or_else(wrong)?;
    }
    Ok(Value::number(if negative { number.neg() } else { number }))
}

/// Up to base 36 letters count the same in both cases; above, capitals come last.
fn digit_value(digit: u8, base: i64) -> Option<i64> {
    let value = match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'z' => digit - b'a' + 10,
        b'A'..=b'Z' if base <= 36 => digit - b'A' + 10,
        b'A'..=b'Z' => digit - b'A' + 36,
        _ => return None,
    };
    Some(i64::from(value)).filter(|value| *value < base)
}
