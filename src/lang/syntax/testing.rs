//! Trees as short texts, for tests.

#![allow(clippy::format_collect)] // Short code matters more here than speed.

use crate::diag::{Diagnostics, FileId};
use crate::value::{Data, Value};

use super::tree::{Body, Expr, ExprKind, Key, TemplatePart};

pub(super) fn show_expression(text: &str) -> String {
    match super::parse_expression(FileId(0), text) {
        Ok(expr) => show(&expr),
        Err(errors) => summaries(&errors),
    }
}

pub(super) fn show_body(text: &str) -> String {
    match super::parse_body(FileId(0), text) {
        Ok(body) => in_body(&body),
        Err(errors) => summaries(&errors),
    }
}

/// `line:column summary` of each error.
pub(super) fn summaries(errors: &Diagnostics) -> String {
    let all: Vec<String> = errors
        .iter()
        .map(|error| format!("! {}", error.summary))
        .collect();
    all.join("\n")
}

pub(super) fn in_body(body: &Body) -> String {
    let attributes = body
        .attributes
        .iter()
        .map(|attribute| format!("{}={}", attribute.name, show(&attribute.expr)));
    let blocks = body.blocks.iter().map(|block| {
        let labels: String = block
            .labels
            .iter()
            .map(|label| format!("{:?} ", label.text))
            .collect();
        format!("{} {labels}{{{}}}", block.kind, in_body(&block.body))
    });
    attributes.chain(blocks).collect::<Vec<_>>().join(" ")
}

pub(super) fn show(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(value) => literal(value),
        ExprKind::Template(template) => format!("`{}`", parts(template)),
        ExprKind::Interpolation(inner) => format!("${{{}}}", show(inner)),
        ExprKind::Traversal(traversal) => format!("{}{}", traversal.root, keys(&traversal.steps)),
        ExprKind::Access(access) => format!("<{}>{}", show(&access.base), keys(&access.steps)),
        ExprKind::Splat(splat) => format!("<{} [*] {}>", show(&splat.source), keys(&splat.each)),
        ExprKind::Call(call) => {
            let dots = if call.expand { "..." } else { "" };
            format!("{}({}{dots})", call.name, all(&call.arguments))
        }
        ExprKind::Tuple(items) => format!("[{}]", all(items)),
        ExprKind::Object(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| format!("{}={}", show(&item.key), show(&item.value)))
                .collect();
            format!("{{{}}}", items.join(" "))
        }
        ExprKind::For(each) => {
            let names: String = each.key_name.iter().map(|key| format!("{key} ")).collect();
            let head = format!("for {names}{} in {} :", each.value_name, show(&each.collection));
            let condition: String = each
                .condition
                .iter()
                .map(|c| format!(" if {}", show(c)))
                .collect();
            let dots = if each.grouping { "..." } else { "" };
            match &each.key {
                Some(key) => format!(
                    "{{{head} {} => {}{dots}{condition}}}",
                    show(key),
                    show(&each.value)
                ),
                None => format!("[{head} {}{condition}]", show(&each.value)),
            }
        }
        ExprKind::Conditional(branches) => format!("(? {})", all(&**branches)),
        ExprKind::Binary(op, sides) => format!("({} {})", symbol(*op), all(&**sides)),
        ExprKind::Unary(super::UnaryOp::Negate, inner) => format!("(- {})", show(inner)),
        ExprKind::Unary(super::UnaryOp::Not, inner) => format!("(! {})", show(inner)),
        ExprKind::Parens(inner) => format!("({})", show(inner)),
    }
}

fn symbol(op: super::BinaryOp) -> &'static str {
    use super::BinaryOp as Op;
    match op {
        Op::Add => "+",
        Op::Subtract => "-",
        Op::Multiply => "*",
        Op::Divide => "/",
        Op::Modulo => "%",
        Op::Equal => "==",
        Op::NotEqual => "!=",
        Op::Less => "<",
        Op::LessOrEqual => "<=",
        Op::Greater => ">",
        Op::GreaterOrEqual => ">=",
        Op::And => "&&",
        Op::Or => "||",
    }
}

fn all(items: &[Expr]) -> String {
    items.iter().map(show).collect::<Vec<_>>().join(" ")
}

fn literal(value: &Value) -> String {
    match value.data() {
        Data::Null(_) => "null".into(),
        Data::Bool(value) => value.to_string(),
        Data::String(text) => format!("{text:?}"),
        Data::Number(number) => number
            .as_i64()
            .map_or_else(|| number.to_string(), |n| n.to_string()),
        _ => "?".into(),
    }
}

fn keys(keys: &[Key]) -> String {
    keys.iter()
        .map(|key| match key {
            Key::Attribute(name, _) => format!(".{name}"),
            Key::Index(index) => format!("[{}]", show(index)),
            Key::Legacy(index, _) => format!(".{index}"),
        })
        .collect()
}

fn parts(all: &[TemplatePart]) -> String {
    all.iter()
        .map(|part| match part {
            TemplatePart::Literal(text) => format!("{text:?}"),
            TemplatePart::Interpolation(expr) => format!("${{{}}}", show(expr)),
            TemplatePart::If {
                condition,
                then,
                otherwise,
                ..
            } => format!("%if {}({})({})", show(condition), parts(then), parts(otherwise)),
            TemplatePart::For {
                key,
                value,
                collection,
                body,
                ..
            } => {
                let key: String = key.iter().map(|key| format!("{key} ")).collect();
                format!("%for {key}{value} in {}({})", show(collection), parts(body))
            }
        })
        .collect()
}
