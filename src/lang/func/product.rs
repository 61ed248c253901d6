//! The product of lists or sets.

use super::{Args, Func, FuncError, Kind, any};
use crate::value::{Data, Marks, Type, Value, convert, unify};

pub(super) const FUNCTIONS: &[Func] = &[Func {
    name: "setproduct",
    params: &[],
    variadic: Some(any("sets").shallow().marked()),
    returns: Kind::Any,
    about: "Every combination of one element from each list or set.",
    examples: &[(
        "jsonencode(setproduct([\"dev\", \"prod\"], [\"a\", \"b\"]))",
        "\"[[\\\"dev\\\",\\\"a\\\"],[\\\"dev\\\",\\\"b\\\"],[\\\"prod\\\",\\\"a\\\"],[\\\"prod\\\",\\\"b\\\"]]\"",
    )],
    call: setproduct,
}];

/// One factor: its element type and items.
struct Factor {
    element: Type,
    items: Vec<Value>,
}

fn setproduct(args: &Args<'_>) -> Result<Value, FuncError> {
    if args.all().len() < 2 {
        return Err(FuncError::new("at least two arguments are required"));
    }
    let mut marks = Marks::NONE;
    let mut ordered = true;
    let mut factors = Vec::new();
    for (at, value) in args.all().iter().enumerate() {
        marks = marks | value.marks();
        ordered &= !matches!(value.data(), Data::Set(_));
        factors.push(factor(at, value)?);
    }
    // Nobody knows how many elements a set has while some of them are not known: they may be equal.
    let open = |value: &Value| matches!(value.data(), Data::Set(_)) && !value.is_wholly_known();
    if args.all().iter().any(open) {
        let element = Type::tuple(factors.into_iter().map(|factor| factor.element).collect());
        let ty = if ordered {
            Type::list(element)
        } else {
            Type::set(element)
        };
        return Ok(Value::unknown(ty).never_null().with_marks(marks));
    }
    let rows = factors
        .iter()
        .fold(1usize, |rows, factor| rows.saturating_mul(factor.items.len()));
    args.spend_elements(rows.saturating_mul(factors.len() + 1))?;
    let mut products: Vec<Vec<Value>> = if rows == 0 { Vec::new() } else { vec![Vec::new()] };
    for factor in &factors {
        products = products
            .iter()
            .flat_map(|row| {
                factor.items.iter().map(move |item| {
                    let mut longer = row.clone();
                    longer.push(item.clone());
                    longer
                })
            })
            .collect();
    }
    let element = Type::tuple(factors.into_iter().map(|factor| factor.element).collect());
    let rows = products.into_iter().map(Value::tuple).collect();
    let value = if ordered {
        Value::list(element, rows)
    } else {
        Value::set(element, rows)
    };
    Ok(value.with_marks(marks))
}

fn factor(at: usize, value: &Value) -> Result<Factor, FuncError> {
    match value.data() {
        Data::List(sequence) | Data::Set(sequence) => Ok(Factor {
            element: sequence.element.clone(),
            items: sequence.items.clone(),
        }),
        Data::Tuple(items) => {
            let types: Vec<Type> = items.iter().map(Value::ty).collect();
            let wrong = || FuncError::argument(at, "all elements must be of the same type");
            let element = if types.is_empty() {
                Type::Dynamic
            } else {
                unify::unify(&types).ok_or_else(wrong)?
            };
            let items = items
                .iter()
                .map(|item| convert::convert(item, &element).map_err(|_| wrong()))
                .collect::<Result<_, _>>()?;
            Ok(Factor { element, items })
        }
        _ => Err(FuncError::argument(at, "a set or a list is required")),
    }
}
