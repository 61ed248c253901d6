//! Type constraints as written: `object({ name = string, tags = optional(map(string), {}) })`.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::lang::expr::{Scope, evaluate, mismatch_text};
use crate::lang::syntax::write::is_name;
use crate::lang::syntax::{Call, Expr, ExprKind, ObjectItem};
use crate::value::{Constraint, Defaults, ObjectType, Text, Type, convert};

const INVALID: &str = "Invalid type specification";

/// Reads a type constraint. Defaults of optional attributes are evaluated in the scope, which should know no
/// names.
pub fn constraint(expr: &Expr, scope: &dyn Scope) -> Result<Constraint> {
    match &expr.kind {
        ExprKind::Traversal(traversal) if traversal.steps.is_empty() => {
            keyword(&traversal.root, expr.span).map(plain)
        }
        ExprKind::Call(call) => constructor(call, expr.span, scope),
        ExprKind::Literal(value) if value.as_str().is_some() => {
            Err(quoted(value.as_str().unwrap_or_default()).at(expr.span).into())
        }
        _ => Err(error(
            expr.span,
            "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).",
        )),
    }
}

fn quoted(written: &str) -> Diagnostic {
    let instead = match written {
        "list" | "map" => format!(
            "Remove the quotes around \"{written}\" and write {written}(string) instead to explicitly indicate that the {written} elements are strings."
        ),
        _ => format!("Remove the quotes around \"{written}\"."),
    };
    Diagnostic::error(
        "Invalid quoted type constraints",
        format!(
            "Terraform 0.11 and earlier required type constraints to be given in quotes, but that form is no longer accepted. {instead}"
        ),
    )
}

fn plain(ty: Type) -> Constraint {
    Constraint {
        ty,
        defaults: Defaults::default(),
    }
}

fn error(at: Span, detail: impl Into<String>) -> Diagnostics {
    Diagnostic::error(INVALID, detail).at(at).into()
}

fn keyword(name: &str, at: Span) -> Result<Type> {
    Ok(match name {
        "any" => Type::Dynamic,
        "string" => Type::String,
        "number" => Type::Number,
        "bool" => Type::Bool,
        // The forms of old without an element type.
        "list" => Type::list(Type::Dynamic),
        "map" => Type::map(Type::Dynamic),
        "set" => {
            return Err(error(
                at,
                "The set type constructor requires one argument specifying the element type.",
            ));
        }
        "object" => {
            return Err(error(
                at,
                "The object type constructor requires one argument specifying the attribute types and values as a map.",
            ));
        }
        "tuple" => {
            return Err(error(
                at,
                "The tuple type constructor requires one argument specifying the element types as a list.",
            ));
        }
        name => {
            return Err(error(
                at,
                format!("The keyword \"{name}\" is not a valid type specification."),
            ));
        }
    })
}

fn constructor(call: &Call, at: Span, scope: &dyn Scope) -> Result<Constraint> {
    let name = &*call.name;
    if matches!(name, "any" | "bool" | "number" | "string") {
        let detail = format!("Primitive type keyword \"{name}\" does not expect arguments.");
        return Err(error(at, detail));
    }
    let wanted = match name {
        "list" | "set" | "map" => "the element type",
        "object" => "the attribute types and values as a map",
        "tuple" => "the element types as a list",
        "optional" => {
            return Err(error(
                at,
                "Keyword \"optional\" is valid only as a modifier for object type attributes.",
            ));
        }
        _ => {
            let detail = format!("Keyword \"{name}\" is not a valid type constructor.");
            return Err(error(at, detail));
        }
    };
    let [argument] = call.arguments.as_slice() else {
        let detail = format!("The {name} type constructor requires one argument specifying {wanted}.");
        return Err(error(at, detail));
    };
    match name {
        "object" => object(argument, scope),
        "tuple" => tuple(argument, scope),
        _ => {
            let element = constraint(argument, scope)?;
            let make = match name {
                "list" => Type::list,
                "set" => Type::set,
                _ => Type::map,
            };
            let mut defaults = Defaults::default();
            add_child(&mut defaults, "*".into(), element.defaults);
            Ok(Constraint {
                ty: make(element.ty),
                defaults,
            })
        }
    }
}

fn add_child(defaults: &mut Defaults, name: Text, child: Defaults) {
    if !child.values.is_empty() || !child.children.is_empty() {
        defaults.children.insert(name, child);
    }
}

fn tuple(argument: &Expr, scope: &dyn Scope) -> Result<Constraint> {
    let ExprKind::Tuple(items) = &argument.kind else {
        return Err(error(
            argument.span,
            "Tuple type constructor requires a list of element types.",
        ));
    };
    let mut errors = Diagnostics::new();
    let mut types = Vec::new();
    let mut defaults = Defaults::default();
    for (place, item) in items.iter().enumerate() {
        if let Some(element) = errors.take(constraint(item, scope)) {
            types.push(element.ty);
            add_child(&mut defaults, place.to_string().into(), element.defaults);
        }
    }
    errors.or(Constraint {
        ty: Type::tuple(types),
        defaults,
    })
}

fn object(argument: &Expr, scope: &dyn Scope) -> Result<Constraint> {
    let ExprKind::Object(items) = &argument.kind else {
        return Err(error(
            argument.span,
            "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.",
        ));
    };
    let mut errors = Diagnostics::new();
    let mut attributes = BTreeMap::new();
    let mut optional = BTreeSet::new();
    let mut defaults = Defaults::default();
    for item in items {
        let Some((name, attribute)) = errors.take(attribute(item, scope)) else {
            continue;
        };
        if attribute.optional {
            optional.insert(name.clone());
        }
        if let Some(default) = attribute.default {
            defaults.values.insert(name.clone(), default);
        }
        add_child(&mut defaults, name.clone(), attribute.constraint.defaults);
        if attributes.insert(name, attribute.constraint.ty).is_some() {
            let detail = "Object constructor map keys must be unique.";
            errors.extend(error(item.key.span, detail));
        }
    }
    errors.or(Constraint {
        ty: Type::Object(std::sync::Arc::new(ObjectType { attributes, optional })),
        defaults,
    })
}

/// One attribute of an object type.
struct Attribute {
    constraint: Constraint,
    optional: bool,
    default: Option<crate::value::Value>,
}

fn attribute(item: &ObjectItem, scope: &dyn Scope) -> Result<(Text, Attribute)> {
    let name = match &item.key.kind {
        ExprKind::Literal(value) => value.as_text().cloned(),
        ExprKind::Traversal(traversal) if traversal.steps.is_empty() => Some(traversal.root.clone()),
        _ => None,
    };
    let name = name.filter(|name| is_name(name)).ok_or_else(|| {
        error(
            item.key.span,
            "Object constructor map keys must be attribute names.",
        )
    })?;
    let ExprKind::Call(call) = &item.value.kind else {
        return required(name, &item.value, scope);
    };
    if &*call.name != "optional" {
        return required(name, &item.value, scope);
    }
    let (ty, default) = match call.arguments.as_slice() {
        [ty] => (ty, None),
        [ty, default] => (ty, Some(default)),
        [] => {
            return Err(error(
                item.value.span,
                "Optional attribute modifier requires the attribute type as its argument.",
            ));
        }
        [_, _, more, ..] => {
            return Err(error(
                more.span,
                "Optional attribute modifier expects at most two arguments: the attribute type, and a default value.",
            ));
        }
    };
    let constraint = constraint(ty, scope)?;
    let default = default
        .map(|default| default_value(default, &constraint, scope))
        .transpose()?;
    Ok((
        name,
        Attribute {
            constraint,
            optional: true,
            default,
        },
    ))
}

fn required(name: Text, ty: &Expr, scope: &dyn Scope) -> Result<(Text, Attribute)> {
    Ok((
        name,
        Attribute {
            constraint: constraint(ty, scope)?,
            optional: false,
            default: None,
        },
    ))
}

fn default_value(default: &Expr, constraint: &Constraint, scope: &dyn Scope) -> Result<crate::value::Value> {
    let value = evaluate(default, scope)?;
    convert::convert_with_defaults(&value, constraint).map_err(|why| {
        let detail = format!(
            "This default value is not compatible with the attribute's type constraint: {}.",
            mismatch_text(&why)
        );
        Diagnostic::error("Invalid default value for optional attribute", detail)
            .at(default.span)
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::constraint;
    use crate::diag::Sources;
    use crate::lang::expr::tests::names;
    use crate::lang::syntax::parse_expression;
    use crate::value::{convert, json};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut sources = Sources::new();
        let file = sources.add("x", text);
        let expr = parse_expression(file, text).expect("the text is an expression");
        let shown = match constraint(&expr, &names()) {
            Ok(constraint) => json::type_to_json(&constraint.ty).to_string(),
            Err(errors) => errors.iter().map(|error| error.detail.clone()).collect(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn types_are_read() {
        check("string", "\"string\"");
        check("any", "\"dynamic\"");
        check("list(map(number))", "[\"list\",[\"map\",\"number\"]]");
        check("tuple([string, bool])", "[\"tuple\",[\"string\",\"bool\"]]");
        check(
            "object({a = string, \"b\" = set(bool)})",
            "[\"object\",{\"a\":\"string\",\"b\":[\"set\",\"bool\"]}]",
        );
    }

    #[test]
    fn what_is_no_type_is_refused() {
        check(
            "strin",
            "The keyword \"strin\" is not a valid type specification.",
        );
        check(
            "list()",
            "The list type constructor requires one argument specifying the element type.",
        );
        check(
            "optional(string)",
            "Keyword \"optional\" is valid only as a modifier for object type attributes.",
        );
        check(
            "(string)",
            "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).",
        );
        check(
            "object({\"a b\" = string})",
            "Object constructor map keys must be attribute names.",
        );
        check(
            "object({a = optional(string), a = number})",
            "Object constructor map keys must be unique.",
        );
        check(
            "string(1)",
            "Primitive type keyword \"string\" does not expect arguments.",
        );
        check(
            "object({a = optional(number, \"x\")})",
            "This default value is not compatible with the attribute's type constraint: a number is required.",
        );
    }

    #[test]
    fn defaults_fill_what_is_missing() {
        let text = "list(object({a = optional(string, \"x\"), b = optional(number)}))";
        let mut sources = Sources::new();
        let file = sources.add("x", text);
        let expr = parse_expression(file, text).expect("the text is an expression");
        let constraint = constraint(&expr, &names()).expect("the type is right");
        let given = json::from_plain_json(&serde_json::json!([{"b": 1}, {"a": "y"}]));
        let filled = convert::convert_with_defaults(&given, &constraint).expect("the value fits");
        assert_eq!(
            json::to_plain_json(&filled).to_string(),
            "[{\"a\":\"x\",\"b\":1},{\"a\":\"y\",\"b\":null}]"
        );
    }
}
