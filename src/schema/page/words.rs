//! Small texts of pages: code, lists of names, lengths of time, what an expression says.

use std::time::Duration;

use super::super::catalog::text_of;
use crate::lang::syntax::{Expr, ExprKind, TemplatePart};
use crate::value::{Text, Type, Value, type_expression};

/// Text as code, whatever it holds.
pub fn code(text: &str) -> String {
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

/// Names as code, with commas between them.
pub fn codes(names: &[Text]) -> String {
    let names: Vec<String> = names.iter().map(|name| code(name)).collect();
    names.join(", ")
}

/// A type on one line.
pub fn shown(ty: &Type) -> String {
    let text = type_expression(ty).replace("dynamic", "any");
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace(", }", " }").replace("( ", "(").replace(", )", ")")
}

/// A length of time in the greatest unit that measures it.
pub fn length(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = [(86400, "day"), (3600, "hour"), (60, "minute")]
        .into_iter()
        .find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size))
        .map_or((seconds, "second"), |(size, unit)| (seconds / size, unit));
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// An expression as its file has it, on one line.
pub fn source(expr: &Expr) -> String {
    let text = text_of(expr.span);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a message says, with the names of arguments for their values.
pub fn message(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(value) => plain(value),
        ExprKind::Template(parts) => parts
            .iter()
            .map(|part| match part {
                TemplatePart::Literal(text) => text.to_string(),
                TemplatePart::Interpolation(inner) => inserted(inner),
                TemplatePart::If { .. } | TemplatePart::For { .. } => "…".to_owned(),
            })
            .collect(),
        _ => code(&source(expr)),
    }
}

fn inserted(expr: &Expr) -> String {
    if let ExprKind::Literal(value) = &expr.kind {
        return plain(value);
    }
    let text = source(expr);
    code(text.strip_prefix("self.").unwrap_or(&text))
}

fn plain(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_said_in_their_greatest_unit() {
        let said = |seconds| length(Duration::from_secs(seconds));
        assert_eq!(said(90), "90 seconds");
        assert_eq!(said(60), "1 minute");
        assert_eq!(said(7200), "2 hours");
        assert_eq!(said(172_800), "2 days");
        assert_eq!(said(0), "0 seconds");
    }

    #[test]
    fn code_may_hold_what_marks_code() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "`` a`b ``");
    }
}
